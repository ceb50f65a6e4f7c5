/** A host's facts, under the keys that Ansible gives them (without the `ansible_` prefix). */
export type Facts = Readonly<Record<string, unknown>>;
