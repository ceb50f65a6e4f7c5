import type { SettingCode } from "../../engine/support/diagnostic_codes.ts";
import { type Explanation, playbook, tasks } from "./explanation.ts";

const NO_FAULT = "This shows no example, as nothing that you write should bring it out.";

/** The command line, connections, and aami itself. */
export const SETTINGS: Readonly<Record<SettingCode, Explanation>> = {
  "become": {
    summary: "there is no such way to become another user",
    meaning: "Tasks become another user by sudo or by su.",
    example: {
      files: {
        "site.yml": "- hosts: all\n  become: true\n  tasks:\n    - ping:\n",
        "hosts.ini": "node1 ansible_become_method=doas\n",
      },
    },
    mend: "Set become_method, ansible_become_method or --become-method to sudo or su.",
  },
  "connection": {
    summary: "a setting of the connection is not understood",
    meaning: "ansible_connection is ssh, openssh (the system's ssh program) or local; ansible_port is a number.",
    example: {
      files: { "site.yml": "- hosts: all\n  tasks:\n    - ping:\n", "hosts.ini": "node1 ansible_connection=sshh\n" },
    },
    mend: "Correct the variable where it is set: inventory, group_vars, host_vars or -e.",
  },
  "extra-vars": {
    summary: "-e holds something else than variables",
    meaning: "-e takes k=v words, a JSON or YAML mapping, or @FILE.",
    example: { ...playbook("- hosts: all\n"), command: "play site.yml -i hosts.ini -e port" },
    mend: 'Write -e port=9100. Values with spaces: -e \'{"motd": "two words"}\'.',
  },
  "fault": {
    summary: "aami itself is at fault",
    meaning: "Something happened that the program did not foresee. Your input may be fine.",
    example: { situation: NO_FAULT },
    mend:
      "Please report it, with what AAMI_DEBUG=1 shows and the command line. What was done on hosts is in the output.",
  },
  "file-exists": {
    summary: "a file would be written over",
    meaning: "'aami playbooks --copy' writes no file over another, as that one may hold your changes.",
    example: { files: { "site/playbooks/install-stack.yml": "mine\n" }, command: "playbooks --copy site" },
    mend: "Copy to a folder without these files, and compare.",
  },
  "flag": {
    summary: "a flag's value is not one that it takes",
    meaning: "Numbers are whole and not negative; some flags take one of a few words, some go together.",
    example: { ...playbook("- hosts: all\n"), command: "play site.yml -i hosts.ini --forks many" },
    mend: "'aami COMMAND --help' shows what each flag takes.",
  },
  "journal": {
    summary: "no journal of the run can be kept",
    meaning: "Each run keeps a journal below $XDG_STATE_HOME/aami/runs, by default ~/.local/state/aami/runs, so that " +
      "it can be looked at and resumed. That folder cannot be made or written, or its disk is full. The run goes on.",
    example: { situation: "A home that is mounted read-only, or a service without HOME." },
    mend: "Set XDG_STATE_HOME to a folder that can be written.",
  },
  "no-playbook": {
    summary: "there is no playbook of that name",
    meaning: "A playbook is a file, or the name of a built-in one without its ending.",
    example: { files: {}, command: "play instal-stack" },
    mend: "'aami playbooks' lists the built-in ones.",
  },
  "no-terminal": {
    summary: "a password is to be asked for and there is no terminal",
    meaning: "-k and -K ask on the terminal; in CI and behind a pipe nobody can answer.",
    example: { ...playbook("- hosts: all\n"), command: "play site.yml -i hosts.ini -K" },
    mend: "Give it in a file that only you can read: --become-password-file, --connection-password-file.",
  },
  "no-run": {
    summary: "there is no such run",
    meaning: "Runs are named by the first characters of their id. The last 50 are kept, those of 'aami play' only.",
    example: { ...playbook("- hosts: all\n"), command: "runs show 00000000" },
    mend: "'aami runs list' lists them.",
  },
  "open-files": {
    summary: "the process may not open as many files as the run needs",
    meaning: "Each connection needs a descriptor or a few; the limit is the shell's (ulimit -n).",
    example: { situation: "aami play site.yml --forks 500 in a shell with 'ulimit -n 256'." },
    mend: "Raise the limit (ulimit -n 4096), or lower --forks.",
  },
  "password-file": {
    summary: "a password's file is empty or has several lines",
    meaning: "The file holds the password and nothing else; a line break at its end does not count.",
    example: {
      files: { "site.yml": "- hosts: all\n", "password": "first\nsecond\n" },
      command: "play site.yml -i hosts.ini -b --become-password-file password",
    },
    mend: "Leave one line in it, and let nobody else read it: chmod 600.",
  },
  "resume": {
    summary: "a run cannot be resumed",
    meaning:
      "--resume goes on with a run of the same playbook that did not end well: it was killed or interrupted, or " +
      "hosts failed. It is resumed from the directory that it was begun in, with the variables of -e given again.",
    example: { situation: "A run that ended well, one in check mode, or one that is still under way." },
    mend: "'aami runs list' shows how each run ended. To run everything again, leave out --resume.",
  },
  "shell": {
    summary: "there is no completion for that shell",
    meaning: "Completion scripts are there for bash, zsh and fish.",
    example: { files: {}, command: "completion tcsh" },
    mend: "aami completion bash > /etc/bash_completion.d/aami",
  },
  "ssh-arguments": {
    summary: "an option in ansible_ssh_common_args or ansible_ssh_extra_args is not understood",
    meaning: "The built-in ssh knows a part of OpenSSH's options; passing over one would connect in another way than " +
      "you asked for.",
    example: {
      files: {
        "site.yml": "- hosts: all\n  tasks:\n    - ping:\n",
        "hosts.ini": "node1 ansible_ssh_common_args='-M'\n",
      },
    },
    mend: "Put the option into ~/.ssh/config, or take the system's ssh: ansible_connection=openssh.",
  },
  "ssh-config": {
    summary: "an ssh configuration cannot be read",
    meaning:
      "~/.ssh/config, /etc/ssh/ssh_config or a file that one of them includes is there, and the system refuses it.",
    example: { situation: "~/.ssh/config belongs to root and has the mode 0600." },
    mend: "Make it yours: chown, chmod 600.",
  },
  "ssh-include": {
    summary: "Include lines of the ssh configuration go too deep",
    meaning: "Files may include files 16 levels deep; beyond that they include each other in a circle.",
    example: { situation: "~/.ssh/config holds 'Include ~/.ssh/config'." },
    mend: "Take the line away that closes the circle.",
  },
  "ssh-jump": {
    summary: "a jump host is not written as one",
    meaning: "ProxyJump takes [user@]host[:port], several with commas between them.",
    example: { situation: "~/.ssh/config holds 'ProxyJump bastion:port'." },
    mend: "Write, say, ops@bastion:2222.",
  },
  "ssh-jump-loop": {
    summary: "jump hosts lead in a circle",
    meaning: "A host is reached through another, which is reached through the first.",
    example: { situation: "'ProxyJump bastion' stands under 'Host *', so bastion is to be reached through itself." },
    mend: "Leave the jump host out: 'Host * !bastion'.",
  },
  "ssh-proxy-command": {
    summary: "the ssh configuration reaches a host by ProxyCommand",
    meaning: "The built-in ssh connects by itself and runs no other program for it.",
    example: { situation: "~/.ssh/config holds 'ProxyCommand cloudflared access ssh --hostname %h'." },
    mend: "Use ProxyJump, or the system's ssh: ansible_connection: openssh.",
  },
  "unknown-code": {
    summary: "there is no such code to explain",
    meaning: "Codes are the words behind 'aami explain' at the end of a message, and 'code' in -o json.",
    example: { files: {}, command: "explain unknown-kye" },
    mend: "'aami explain' lists them.",
  },
  "usage": {
    summary: "the command line is not understood",
    meaning: "There is no such command or flag, or an argument is missing or too much.",
    example: { ...tasks("- ping:\n"), command: "play site.yml --chek" },
    mend: "'aami --help' lists the commands, 'aami COMMAND --help' its flags and arguments.",
  },
};
