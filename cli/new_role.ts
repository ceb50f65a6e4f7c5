/** The files of a new role by path: one template, the service that it belongs to, and its variables. */
export function roleFiles(name: string): Record<string, string> {
  const variable = name.replaceAll("-", "_");
  const folder = `roles/${name}`;
  return {
    [`${folder}/README.md`]: `# ${name}

What the role sets up, and for whom.

| variable | default | meaning |
| --- | --- | --- |
| \`${variable}_config\` | \`/etc/${name}.conf\` | where the configuration goes |
| \`${variable}_port\` | \`9100\` | the port in it |
`,
    [`${folder}/defaults/main.yml`]: `# What a play, a group or a host may set.
${variable}_config: /etc/${name}.conf
${variable}_port: 9100
`,
    [`${folder}/tasks/main.yml`]: `- name: Write the configuration
  template:
    src: ${name}.conf.hbs
    dest: "{{ ${variable}_config }}"
    mode: "0644"
  notify: restart ${name}
`,
    [`${folder}/handlers/main.yml`]: `- name: restart ${name}
  service:
    name: ${name}
    state: restarted
`,
    [`${folder}/templates/${name}.conf.hbs`]: `# Written by aami for {{inventory_hostname}}
port={{${variable}_port}}
`,
  };
}
