package main

import (
	"encoding/json"
	"fmt"
	"os"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver/site"
	"sunnycampus/quizserver/site/render"
)

// renderCommand is the child process that runs Hugo: a job comes on standard
// input, the report goes to standard output.
func renderCommand() *cobra.Command {
	return &cobra.Command{Use: "render", Hidden: true, Args: noArgs, RunE: func(*cobra.Command, []string) error {
		var job site.Job
		if err := json.NewDecoder(os.Stdin).Decode(&job); err != nil {
			return fmt.Errorf("read job: %w", err)
		}
		rendered, err := render.Run(job)
		if err != nil {
			return err
		}
		return json.NewEncoder(os.Stdout).Encode(rendered)
	}}
}
