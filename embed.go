// Package sunnycampus carries the seed content and the theme inside the
// binary, so that it runs from any empty folder.
package sunnycampus

import "embed"

// Seed holds content/, themes/ and hugo.toml.
//
//go:embed all:content all:themes hugo.toml
var Seed embed.FS
