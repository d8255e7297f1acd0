//go:build tools

// Package helm pins the Helm that the tests of the chart run (see ../helm.ts).
package helm

import (
	_ "helm.sh/helm/v4/cmd/helm"
)
