//go:build tools

// Package tools imports the only command that this module builds: the Pulumi CLI.
package tools

import _ "github.com/pulumi/pulumi/pkg/v3/cmd/pulumi"
