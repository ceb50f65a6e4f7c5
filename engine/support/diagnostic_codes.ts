/**
 * What findings are told apart by. A code keeps its name from one version to the next, as programs look for it; what it
 * stands for is told by `aami explain CODE`, from `cli/explanations/`, which lists the same codes.
 *
 * @module
 */

/** The code of a finding: kebab-case, what is wrong in a word or three. */
export type DiagnosticCode =
  | PlaybookCode
  | YamlCode
  | ExpressionCode
  | InventoryCode
  | SettingCode
  | AlertCode
  | MonitoringCode;

/** Codes of plays, tasks, roles and the arguments of modules. */
export type PlaybookCode =
  | "argument"
  | "block-depth"
  | "empty"
  | "empty-role"
  | "file-unreadable"
  | "import"
  | "import-loop"
  | "loop"
  | "missing-argument"
  | "no-hosts"
  | "no-module"
  | "no-name"
  | "no-role"
  | "no-text"
  | "rules"
  | "shell-syntax"
  | "source-missing"
  | "tags"
  | "two-modules"
  | "type"
  | "unknown-argument"
  | "unknown-handler"
  | "unknown-key"
  | "unknown-module"
  | "unknown-role"
  | "unknown-tag"
  | "unknown-task"
  | "unused-handler"
  | "variable-name"
  | "vault";

/** Codes of YAML and JSON as texts. */
export type YamlCode =
  | "json-depth"
  | "json-syntax"
  | "yaml-alias"
  | "yaml-depth"
  | "yaml-documents"
  | "yaml-duplicate-key"
  | "yaml-key"
  | "yaml-merge"
  | "yaml-size"
  | "yaml-syntax";

/** Codes of expressions, conditions and template files. */
export type ExpressionCode =
  | "condition"
  | "expression-syntax"
  | "expression-type"
  | "function-arguments"
  | "jinja-expression"
  | "jinja-template"
  | "reference-loop"
  | "template-argument"
  | "template-block"
  | "template-helper"
  | "template-partial"
  | "template-path"
  | "template-syntax"
  | "undefined-variable"
  | "unknown-function";

/** Codes of inventories, patterns of hosts and files of variables. */
export type InventoryCode =
  | "ambiguous-name"
  | "duplicate-key"
  | "empty-inventory"
  | "group-cycle"
  | "group-name"
  | "group-priority"
  | "host-name"
  | "host-port"
  | "host-range"
  | "ignored-vars-file"
  | "ini-comment"
  | "ini-section"
  | "ini-syntax"
  | "inventory-executable"
  | "inventory-format"
  | "inventory-missing"
  | "inventory-plugin"
  | "inventory-read"
  | "inventory-structure"
  | "limit-file"
  | "pattern"
  | "pattern-subscript"
  | "unknown-group"
  | "unknown-host"
  | "unused-vars-file"
  | "vars-file"
  | "vault-password";

/** Codes of the command line, of connections, and of aami itself. */
export type SettingCode =
  | "become"
  | "connection"
  | "extra-vars"
  | "fault"
  | "file-exists"
  | "flag"
  | "journal"
  | "no-playbook"
  | "no-run"
  | "no-terminal"
  | "open-files"
  | "password-file"
  | "resume"
  | "shell"
  | "ssh-arguments"
  | "ssh-config"
  | "ssh-include"
  | "ssh-jump"
  | "ssh-jump-loop"
  | "ssh-proxy-command"
  | "unknown-code"
  | "usage";

/** Codes of the configuration, of alert presets and of the values that groups set. */
export type AlertCode =
  | "alertmanager"
  | "config"
  | "environment"
  | "missing-key"
  | "no-config"
  | "promtool"
  | "unknown-preset"
  | "unknown-rule"
  | "unknown-xid";

/** Codes of what is asked of a running Prometheus. */
export type MonitoringCode = "no-data" | "prometheus";
