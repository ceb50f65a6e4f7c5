/**
 * The templates of messages, in Alertmanager's language. The advice on an Xid error is the alert's own annotation
 * `runbook`, which Prometheus fills in by the code.
 *
 * @module
 */

/** The text of the file. */
export const MESSAGE_TEMPLATES = `{{- /* Written by aami: changes here are lost. */ -}}
{{ define "aami.title" -}}
[{{ .Status | toUpper }}{{ if eq .Status "firing" }} {{ .Alerts.Firing | len }}{{ end }}] {{ if .CommonLabels.severity }}{{ .CommonLabels.severity }}: {{ end }}{{ if eq (len .Alerts) 1 }}{{ (index .Alerts 0).Annotations.summary }}{{ else }}{{ .CommonLabels.alertname }}{{ if .CommonLabels.group }} in {{ .CommonLabels.group }}{{ end }}{{ end }}
{{- end }}
{{ define "aami.color" -}}
{{ if eq .Status "resolved" }}good{{ else if eq .CommonLabels.severity "critical" }}danger{{ else if eq .CommonLabels.severity "info" }}#439fe0{{ else }}warning{{ end }}
{{- end }}
{{ define "aami.text" -}}
{{ range .Alerts }}{{ if eq .Status "resolved" }}Over: {{ end }}{{ .Annotations.summary }}
{{ if .Annotations.description }}{{ .Annotations.description }}
{{ end }}{{ if .Labels.xid }}Xid {{ .Labels.xid }}{{ if .Labels.action }}, {{ .Labels.action }}{{ end }} (aami explain xid {{ .Labels.xid }})
{{ end }}{{ if .Labels.afid }}AFID {{ .Labels.afid }} (aami explain afid {{ .Labels.afid }})
{{ end }}{{ if and .Annotations.runbook (ne .Status "resolved") }}What to do: {{ .Annotations.runbook }}
{{ end }}
{{ end }}
{{- end }}
`;
