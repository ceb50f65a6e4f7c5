import { testModule } from "./harness.ts";

const alice = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuux5QEKQMDqhR2fHAUizy3vhGeVnAk8h0OAuQzsAS2 alice@desk";
const bob = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGMfe3XGzNMDo/a5WdF5Gj3Is6q/GraC3CYnYNaDO25 bob";

testModule("authorized_key", [
  {
    name: "a first key",
    prepare: "useradd -m carol",
    args: `user: carol\nkey: ${alice}`,
    verify: `test "$(stat -c '%a %U %G' /home/carol/.ssh /home/carol/.ssh/authorized_keys | tr '\\n' ' ')" = \
        "700 carol carol 600 carol carol "
      grep -qxF '${alice}' /home/carol/.ssh/authorized_keys; ssh-keygen -lf /home/carol/.ssh/authorized_keys`,
    drift: [
      { name: "the key is gone", by: "echo > /home/carol/.ssh/authorized_keys" },
      { name: "its options changed", by: "sed -i '/alice/s/^/no-pty /' /home/carol/.ssh/authorized_keys" },
      { name: "the file is another's", by: "chown root /home/carol/.ssh/authorized_keys" },
      { name: "others may write the directory", by: "chmod 777 /home/carol/.ssh" },
      { name: "all gone", by: "rm -r /home/carol/.ssh" },
    ],
  },
  {
    name: "options, of a second key",
    args: `user: carol\nkey: ${bob}\nkey_options: 'from="10.0.0.0/8",command="echo \\"hi, you\\"",restrict'`,
    verify: `grep -qxF 'from="10.0.0.0/8",command="echo \\"hi, you\\"",restrict ${bob}' /home/carol/.ssh/authorized_keys
      ssh-keygen -lf /home/carol/.ssh/authorized_keys | wc -l | grep -qx 2`,
    drift: [{ name: "from elsewhere", by: "sed -i s,10.0.0.0/8,0.0.0.0/0, /home/carol/.ssh/authorized_keys" }],
  },
  {
    name: "only these",
    prepare: "echo '# junk' >> /home/carol/.ssh/authorized_keys",
    args: `user: carol\nexclusive: true\nkey: |\n  ${alice}`,
    verify: "test $(wc -l < /home/carol/.ssh/authorized_keys) = 1",
    drift: [{ name: "someone let himself in", by: `echo '${bob}' >> /home/carol/.ssh/authorized_keys` }],
  },
  {
    name: "no longer",
    args: `user: carol\nkey: ${alice}\nstate: absent`,
    verify: "test ! -s /home/carol/.ssh/authorized_keys; test -e /home/carol/.ssh/authorized_keys",
    drift: [{ name: "it came back", by: `echo 'no-pty ${alice}' > /home/carol/.ssh/authorized_keys` }],
  },
  {
    name: "a file outside of the home",
    prepare: "mkdir -p /etc/ssh/keys",
    args: `user: carol\npath: /etc/ssh/keys/carol\nkey: ${alice}`,
    verify: `test "$(stat -c '%a %U' /etc/ssh/keys /etc/ssh/keys/carol | tr '\\n' ' ')" = "755 root 600 carol "`,
  },
  { name: "a user who is not there", args: `user: nobodyhere\nkey: ${alice}`, fails: /^there is no user 'nobodyhere'/ },
]);
