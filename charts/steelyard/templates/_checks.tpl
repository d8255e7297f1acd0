{{- /* What is refused, each with a sentence that says what to do. Values of MetalLB's that mean nothing here are in NOTES.txt. */ -}}
{{- define "steelyard.check" -}}
{{- if .Values.configInline -}}
{{- fail "configInline is refused: configuration is objects of their own (IPAddressPool, L2Advertisement, BGPPeer …); apply them with kubectl once this chart is installed, and take configInline out of the values" -}}
{{- end -}}
{{- if and .Values.prometheus.podMonitor.enabled .Values.prometheus.serviceMonitor.enabled -}}
{{- fail "prometheus.podMonitor.enabled and prometheus.serviceMonitor.enabled are refused together: every series would be scraped twice; leave one of them" -}}
{{- end -}}
{{- if and (include "steelyard.hasMonitors" .) .Values.prometheus.rbacPrometheus -}}
{{- if not (and .Values.prometheus.serviceAccount .Values.prometheus.namespace) -}}
{{- fail "prometheus.rbacPrometheus needs prometheus.serviceAccount and prometheus.namespace: they say who may read the metrics; set both, or set rbacPrometheus to false and grant the rights yourself" -}}
{{- end -}}
{{- end -}}
{{- if and .Values.speaker.nodeSelector (not .Values.speaker.memberlist.enabled) -}}
{{- fail "speaker.nodeSelector is refused with speaker.memberlist.enabled=false: without membership every node counts as one that announces, so addresses would be given to nodes without a speaker" -}}
{{- end -}}
{{- if and .Values.tls.cipherSuites (ne .Values.tls.minVersion "VersionTLS12") -}}
{{- fail "tls.cipherSuites needs tls.minVersion=VersionTLS12: TLS 1.3 does not let its suites be chosen" -}}
{{- end -}}
{{- range $program := list "controller" "speaker" -}}
{{- $repository := (index $.Values $program).image.repository -}}
{{- if regexMatch "(^|/)metallb/(controller|speaker)$" $repository -}}
{{- fail (printf "%s.image.repository is %s, which is MetalLB's own program: take %s.image out of the values" $program $repository $program) -}}
{{- end -}}
{{- end -}}
{{- end -}}
