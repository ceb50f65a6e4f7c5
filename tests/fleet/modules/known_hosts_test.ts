import { testModule } from "./harness.ts";

const first = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIPuux5QEKQMDqhR2fHAUizy3vhGeVnAk8h0OAuQzsAS2";
const second = "ssh-ed25519 AAAAC3NzaC1lZDI1NTE5AAAAIHGMfe3XGzNMDo/a5WdF5Gj3Is6q/GraC3CYnYNaDO25";
const knows = (name: string) => `ssh-keygen -F '${name}' -f /root/.ssh/known_hosts`;

testModule("known_hosts", [
  {
    name: "a host's key",
    prepare: "rm -rf /root/.ssh/known_hosts; cat /root/.ssh/known_hosts 2>/dev/null || true",
    args: `name: nas1.cluster\nkey: nas1.cluster ${first}`,
    verify: `${knows("nas1.cluster")} | grep -qF '${first}'; test "$(stat -c %a /root/.ssh)" = 700`,
    drift: [
      { name: "another key", by: `echo 'nas1.cluster ${second}' > /root/.ssh/known_hosts` },
      { name: "another key beside it", by: `echo 'nas1.cluster ${second}' >> /root/.ssh/known_hosts` },
      { name: "gone", by: "rm /root/.ssh/known_hosts" },
    ],
  },
  {
    name: "ssh's own hash is recognised",
    prepare: "ssh-keygen -q -H -f /root/.ssh/known_hosts 2>/dev/null; rm /root/.ssh/known_hosts.old",
    args: `name: nas1.cluster\nkey: ${first}`,
    changes: [],
  },
  {
    name: "a hash of ours is one for ssh",
    args: `name: "[nas2]:2222"\nkey: "[nas2]:2222 ${second}"\nhash_host: true`,
    verify: `${knows("[nas2]:2222")} | grep -qF '${second}'; ! grep -q nas2 /root/.ssh/known_hosts`,
    drift: [{ name: "gone", by: "ssh-keygen -R '[nas2]:2222' -f /root/.ssh/known_hosts" }],
  },
  {
    name: "a host that was installed anew is forgotten",
    args: "name: nas1.cluster\nstate: absent",
    verify: `! ${knows("nas1.cluster")}; ${knows("[nas2]:2222")}`,
    drift: [{ name: "it came back", by: `echo 'nas1.cluster,other ${first}' >> /root/.ssh/known_hosts` }],
  },
  {
    name: "for every user",
    args: `name: nas1\nkey: nas1 ${first}\npath: /etc/ssh/ssh_known_hosts`,
    verify: `test "$(stat -c %a /etc/ssh/ssh_known_hosts)" = 644`,
  },
]);
