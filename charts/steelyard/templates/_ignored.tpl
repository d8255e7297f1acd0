{{- /* Values that are given and do nothing, one a line: those of MetalLB's that have no counterpart, and those that nobody knows. */ -}}
{{- define "steelyard.ignored" -}}
{{- $speaksItself := "BGP is spoken by the speaker itself" -}}
{{- $reasons := dict
  "speaker.frr" $speaksItself
  "speaker.reloader" $speaksItself
  "speaker.frrMetrics" $speaksItself
  "speaker.initContainers" $speaksItself
  "speaker.bgpDebounceTimeout" "routes are told as they change"
  "frrk8s" $speaksItself
  "frr-k8s" $speaksItself -}}
{{- $known := include "steelyard.knownValues" . | fromYaml -}}
{{- range $parent, $names := $known -}}
{{- $values := eq $parent "top" | ternary $.Values (index $.Values $parent) -}}
{{- range $name, $_ := $values -}}
{{- if not (has $name $names) -}}
{{- $path := eq $parent "top" | ternary $name (printf "%s.%s" $parent $name) }}
  {{ $path }}: {{ default "no value of this chart" (get $reasons $path) }}
{{- end -}}
{{- end -}}
{{- end -}}
{{- end -}}

{{- /* The values of values.yaml, by what they stand in; a template cannot read that file. A test compares the two. */ -}}
{{- define "steelyard.knownValues" -}}
top: [imagePullSecrets, nameOverride, fullnameOverride, loadBalancerClass, rbac, crds, tls, networkpolicies, prometheus, controller, speaker, global]
prometheus: [scrapeAnnotations, metricsPort, rbacPrometheus, serviceAccount, namespace, podMonitor, serviceMonitor, prometheusRule]
controller: [enabled, replicas, logLevel, command, webhookMode, image, strategy, serviceAccount, securityContext, resources, nodeSelector, tolerations, affinity, priorityClassName, runtimeClassName, podAnnotations, labels, livenessProbe, readinessProbe, extraContainers]
speaker: [enabled, logLevel, command, tolerateMaster, ignoreExcludeLB, wanConfig, secretName, excludeInterfaces, memberlist, image, updateStrategy, terminationGracePeriodSeconds, serviceAccount, securityContext, resources, nodeSelector, tolerations, affinity, priorityClassName, runtimeClassName, podAnnotations, labels, livenessProbe, readinessProbe, startupProbe, extraContainers]
{{- end -}}
