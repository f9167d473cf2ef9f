//go:build pinned

// Package pinned names the program that is built from the versions in go.mod and go.sum.
package pinned

import _ "github.com/yannh/kubeconform/cmd/kubeconform"
