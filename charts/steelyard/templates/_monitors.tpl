{{- /* Takes a dict: root, program, own (the values with the labels and annotations of this monitor). */ -}}
{{- define "steelyard.monitorMetadata" -}}
name: {{ include "steelyard.fullname" .root }}-{{ .program }}-monitor
namespace: {{ .root.Release.Namespace }}
labels:
  {{- include "steelyard.labels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .program }}
  {{- with .own.additionalLabels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .own.annotations }}
annotations:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* What a monitor looks at. Takes a dict: root, program, monitor (its values). */ -}}
{{- define "steelyard.monitored" -}}
jobLabel: {{ .monitor.jobLabel | quote }}
selector:
  matchLabels:
    {{- include "steelyard.selectorLabels" .root | nindent 4 }}
    app.kubernetes.io/component: {{ .program }}
{{- end -}}

{{- /* How it asks an endpoint. Takes a dict: monitor (its values), tlsConfig. */ -}}
{{- define "steelyard.scraping" -}}
scheme: https
honorLabels: true
{{- with .tlsConfig }}
tlsConfig:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.interval }}
interval: {{ . }}
{{- end }}
{{- with .monitor.metricRelabelings }}
metricRelabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .monitor.relabelings }}
relabelings:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- end -}}

{{- /* A matcher that leaves pools out; nothing for none. */ -}}
{{- define "steelyard.withoutPools" -}}
{{- if . -}}{pool!~"{{ join "|" . }}"}{{- end -}}
{{- end -}}

{{- /* One alert. Takes a dict: name, expr, for, labels, summary, description. */ -}}
{{- define "steelyard.alert" -}}
- alert: {{ .name }}
  expr: {{ .expr | quote }}
  {{- with .for }}
  for: {{ . }}
  {{- end }}
  {{- with .labels }}
  labels:
    {{- toYaml . | nindent 4 }}
  {{- end }}
  annotations:
    summary: {{ .summary | quote }}
    description: {{ .description | quote }}
{{- end -}}
