/** Writes a folder of playbooks with a role that all of them name, as `aami lint` finds them on a large site. */
export async function lintFolder(folder: string, count: number): Promise<string> {
  await Deno.mkdir(`${folder}/roles/base/tasks`, { recursive: true });
  await Deno.writeTextFile(
    `${folder}/roles/base/tasks/main.yml`,
    "- name: Write the message of the day\n  copy: { content: aami, dest: /etc/motd }\n",
  );
  for (let number = 0; number < count; number++) {
    await Deno.writeTextFile(`${folder}/service-${String(number).padStart(4, "0")}.yml`, playbook(number));
  }
  return folder;
}

/** About 1.5 KB: variables, conditions, a loop, a block, a handler. */
function playbook(number: number): string {
  return `# Service ${number}.
- name: Configure service ${number}
  hosts: "gpu:&rack${number % 10}"
  become: true
  vars:
    version: "1.${number}"
    port: ${9000 + number}
  roles:
    - base
  tasks:
    - name: Install the package
      package: { name: "service-${number}", state: present }
      tags: [install]
    - name: Write the configuration
      copy:
        content: |
          port={{ port }}
          version={{ version }}
        dest: /etc/service-${number}.conf
        owner: root
        mode: "0644"
      notify: restart service
      when: ansible_facts.os_family == "Debian" && port > 1024
    - name: Ask for the version
      command: service-${number} --version
      register: said
      changed_when: false
      failed_when: said.rc != 0
    - name: Tell it
      debug: { msg: "{{ said.stdout }} of {{ item }} on {{ inventory_hostname }}" }
      loop: [one, two]
    - block:
        - name: Start it
          systemd: { name: "service-${number}", state: started, enabled: true }
      rescue:
        - name: Say so
          debug: { msg: could not start }
  handlers:
    - name: restart service
      systemd: { name: "service-${number}", state: restarted }
`;
}
