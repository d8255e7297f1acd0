{{- /* What both programs have alike. Each takes a dict: root (the chart's scope), values (of one program), program (its name). */ -}}

{{- define "steelyard.image" -}}
{{ .values.image.repository }}:{{ default .root.Chart.AppVersion .values.image.tag }}
{{- end -}}

{{- define "steelyard.command" -}}
{{- $command := default (list "node" (printf "dist/%s.mjs" .program)) .values.command -}}
{{- if kindIs "string" $command }}{{ $command = list $command }}{{ end -}}
{{- toJson $command -}}
{{- end -}}

{{- /* A list, or one text with commas. */ -}}
{{- define "steelyard.commas" -}}
{{- if kindIs "slice" . -}}
{{- $words := list -}}
{{- range . }}{{ $words = append $words (toString (kindIs "float64" . | ternary (int64 .) .)) }}{{ end -}}
{{- join "," $words -}}
{{- else -}}
{{- . -}}
{{- end -}}
{{- end -}}

{{- /* Only what differs from the defaults of the programs, so that their logs tell what somebody has chosen. */ -}}
{{- define "steelyard.args" -}}
- --log-level={{ .values.logLevel }}
{{- with .root.Values.loadBalancerClass }}
- --lb-class={{ . }}
{{- end }}
{{- if ne (int .root.Values.prometheus.metricsPort) 9120 }}
- --port={{ int .root.Values.prometheus.metricsPort }}
{{- end }}
{{- with .root.Values.tls }}
{{- with .minVersion }}
- --tls-min-version={{ . }}
{{- end }}
{{- with .cipherSuites }}
- --tls-cipher-suites={{ include "steelyard.commas" . }}
{{- end }}
{{- with .curvePreferences }}
- --tls-curve-preferences={{ include "steelyard.commas" . }}
{{- end }}
{{- end }}
{{- if .tlsSecret }}
- --metrics-cert-dir=/etc/steelyard/metrics-cert
{{- end }}
{{- end -}}

{{- define "steelyard.podMetadata" -}}
{{- $port := int .root.Values.prometheus.metricsPort -}}
labels:
  {{- include "steelyard.selectorLabels" .root | nindent 2 }}
  app.kubernetes.io/component: {{ .program }}
  {{- with .values.labels }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- if or .values.podAnnotations (and .root.Values.prometheus.scrapeAnnotations $port) }}
annotations:
  {{- if and .root.Values.prometheus.scrapeAnnotations $port }}
  prometheus.io/scrape: 'true'
  prometheus.io/scheme: https
  prometheus.io/port: {{ $port | quote }}
  {{- end }}
  {{- with .values.podAnnotations }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- end }}
{{- end -}}

{{- define "steelyard.placing" -}}
{{- with .root.Values.imagePullSecrets }}
imagePullSecrets:
  {{- toYaml . | nindent 2 }}
{{- end }}
nodeSelector:
  kubernetes.io/os: linux
  {{- with .values.nodeSelector }}
  {{- toYaml . | nindent 2 }}
  {{- end }}
{{- with .values.affinity }}
affinity:
  {{- toYaml . | nindent 2 }}
{{- end }}
{{- with .values.priorityClassName }}
priorityClassName: {{ . }}
{{- end }}
{{- with .values.runtimeClassName }}
runtimeClassName: {{ . }}
{{- end }}
{{- end -}}

{{- /* Takes a dict: name (of the probe), probe (its values), path, host. */ -}}
{{- define "steelyard.probe" -}}
{{- $probe := .probe | default dict -}}
{{- if $probe.enabled }}
{{ .name }}:
  httpGet:
    path: {{ .path }}
    port: health
    {{- with .host }}
    host: {{ . }}
    {{- end }}
  {{- toYaml (omit $probe "enabled") | nindent 2 }}
{{- end }}
{{- end -}}
