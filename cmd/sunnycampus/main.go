// Command sunnycampus builds, serves and looks after an anti-bullying
// education site with class quizzes.
package main

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"os"
	"os/signal"
	"runtime"
	"strings"
	"syscall"

	"github.com/spf13/cobra"
	"github.com/spf13/pflag"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/site"
)

// version is set by the linker for a release.
var version = "dev"

func main() {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	err := command().ExecuteContext(ctx)
	stop()
	if err == nil {
		return
	}
	fmt.Fprintln(os.Stderr, "错误："+sentence(err))
	if len(os.Args) == 1 && runtime.GOOS == "windows" { // double-clicked: the window would close at once
		fmt.Fprintln(os.Stderr, "按回车键关闭窗口。")
		_, _ = bufio.NewReader(os.Stdin).ReadString('\n')
	}
	os.Exit(exitCode(err))
}

// usageError is a command line that we do not understand.
type usageError struct{ error }

// exitCode is 2 for a wrong command line and 1 for all else.
func exitCode(err error) int {
	if errors.As(err, &usageError{}) {
		return 2
	}
	return 1
}

// sentence says what went wrong to the person at the console, with the cause
// in brackets: this is their machine, nothing needs hiding.
func sentence(err error) string {
	var broken *site.BuildError
	if errors.As(err, &broken) {
		return broken.Error()
	}
	kind, message := fault.Of(err)
	if kind == fault.Internal {
		return err.Error()
	}
	if cause := fault.Cause(err); cause != nil {
		return fmt.Sprintf("%s（%v）", message, cause)
	}
	return message
}

func command() *cobra.Command {
	cobra.MousetrapHelpText = "" // a double click is welcome
	root := &cobra.Command{
		Use:           "sunnycampus",
		Short:         "阳光校园：防治学生欺凌教育平台",
		Long:          "阳光校园：防治学生欺凌教育平台。\n不带命令直接运行（或双击）会在局域网上打开网站，并用浏览器显示首次使用页。",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args: func(_ *cobra.Command, args []string) error {
			if len(args) > 0 {
				return usageError{fmt.Errorf("没有 %q 这个命令；运行 sunnycampus --help 看有哪些命令", args[0])}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, _ []string) error { return serveDoubleClicked(cmd.Context()) },
	}
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return usageError{fmt.Errorf("参数不对：%w；运行 %s --help 看可用的参数", err, cmd.CommandPath())}
	})
	root.CompletionOptions.HiddenDefaultCmd = true
	root.SetHelpCommand(&cobra.Command{Hidden: true})
	cobra.AddTemplateFunc("inChinese", func(flags string) string {
		return strings.NewReplacer("(default ", "（默认 ", ")\n", "）\n", " string ", " 文字 ", "[flags]", "[参数]").Replace(flags + "\n")
	})
	root.SetUsageTemplate(usage)
	root.PersistentFlags().BoolP("help", "h", false, "显示这段说明")
	root.PersistentPreRunE = func(cmd *cobra.Command, _ []string) error { return fromEnvironment(cmd.Flags()) }
	root.AddCommand(serveCommand(), buildCommand(), packCommand(), checkCommand(), quizCommand(), scenarioCommand(), userCommand(), backupCommand(), restoreCommand(), versionCommand(), renderCommand())
	return root
}

const usage = `用法：
  {{.UseLine | inChinese | trimTrailingWhitespaces}}{{if .HasAvailableSubCommands}}

命令：{{range .Commands}}{{if .IsAvailableCommand}}
  {{rpad .Name .NamePadding}} {{.Short}}{{end}}{{end}}{{end}}{{if .HasAvailableFlags}}

参数：
{{.Flags.FlagUsages | inChinese | trimTrailingWhitespaces}}

每个参数都可以写成环境变量：--base-url 就是 SUNNYCAMPUS_BASE_URL。{{end}}{{if .HasAvailableSubCommands}}

看一个命令的说明：{{.CommandPath}} 命令 --help{{end}}
`

// fromEnvironment gives every flag its twin: --base-url is
// SUNNYCAMPUS_BASE_URL. The command line wins.
func fromEnvironment(flags *pflag.FlagSet) error {
	var wrong error
	flags.VisitAll(func(f *pflag.Flag) {
		name := "SUNNYCAMPUS_" + strings.ToUpper(strings.ReplaceAll(f.Name, "-", "_"))
		value := os.Getenv(name)
		if value == "" || f.Changed || wrong != nil {
			return
		}
		if err := flags.Set(f.Name, value); err != nil {
			wrong = usageError{fmt.Errorf("环境变量 %s 不对：%w", name, err)}
		}
	})
	return wrong
}

func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return usageError{fmt.Errorf("%s 后面多了 %q", cmd.CommandPath(), args[0])}
	}
	return nil
}

func oneArg(what string) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) != 1 {
			return usageError{fmt.Errorf("%s 后面要写%s，只写一个", cmd.CommandPath(), what)}
		}
		return nil
	}
}

func versionCommand() *cobra.Command {
	return &cobra.Command{Use: "version", Short: "显示版本", Args: noArgs, Run: func(*cobra.Command, []string) {
		fmt.Printf("sunnycampus %s %s/%s %s\n", version, runtime.GOOS, runtime.GOARCH, runtime.Version())
	}}
}
