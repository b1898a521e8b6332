package main

import (
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strconv"
	"strings"
	"time"

	"sunnycampus/quizserver"
)

const (
	firstPort = 8080
	lastPort  = 8089
)

// serveDoubleClicked is what a teacher gets who double-clicks the program: it
// serves on the local network and opens the first page in the browser. When
// it already runs, the browser is all that opens.
func serveDoubleClicked(ctx context.Context) error {
	port, running := freePort(ctx)
	if running {
		fmt.Println("程序已经在运行，正在打开浏览器。")
		return openBrowser(fmt.Sprintf("http://127.0.0.1:%d/start/", port))
	}
	o := serveOptions{where: storeFlags{data: dataFolder()}, addr: fmt.Sprintf("0.0.0.0:%d", port)}
	o.afterListen = func(reach *quizserver.Reach) {
		for _, lan := range reach.LAN() {
			fmt.Println("同一网络里的电脑可以打开：", lan+"/")
		}
		fmt.Println("使用时请不要关闭这个窗口。")
		if err := openBrowser(reach.Local() + "/start/"); err != nil {
			fmt.Println("浏览器没有自动打开，请手动打开", reach.Local()+"/start/")
		}
	}
	return serve(ctx, o)
}

// freePort finds a port that nothing listens on, or one where we already run.
func freePort(ctx context.Context) (port int, running bool) {
	for port := firstPort; port < lastPort; port++ {
		if bindable(port) {
			return port, false
		}
		if ours(ctx, port) {
			return port, true
		}
	}
	return lastPort, false
}

// bindable tries loopback as well: Windows lets two programs share a port
// when one binds every address and the other only loopback.
func bindable(port int) bool {
	for _, host := range []string{"127.0.0.1", "0.0.0.0"} {
		l, err := net.Listen("tcp", net.JoinHostPort(host, strconv.Itoa(port)))
		if err != nil {
			return false
		}
		l.Close()
	}
	return true
}

func ours(ctx context.Context, port int) bool {
	ctx, cancel := context.WithTimeout(ctx, time.Second)
	defer cancel()
	req, err := http.NewRequestWithContext(ctx, http.MethodGet, fmt.Sprintf("http://127.0.0.1:%d/api/openapi.yaml", port), nil)
	if err != nil {
		return false
	}
	res, err := http.DefaultClient.Do(req)
	if err != nil {
		return false
	}
	defer res.Body.Close()
	head, err := io.ReadAll(io.LimitReader(res.Body, 200))
	return err == nil && strings.Contains(string(head), "阳光校园")
}

// dataFolder is beside the program, where a teacher finds it, or in the
// user's own folder when the program sits where nobody may write.
func dataFolder() string {
	if self, err := os.Executable(); err == nil {
		beside := filepath.Join(filepath.Dir(self), "data")
		if prepareData(beside) == nil {
			return beside
		}
	}
	if own, err := os.UserConfigDir(); err == nil {
		return filepath.Join(own, "sunnycampus")
	}
	return "data"
}

func openBrowser(url string) error {
	switch runtime.GOOS {
	case "windows":
		return exec.Command("rundll32", "url.dll,FileProtocolHandler", url).Start()
	case "darwin":
		return exec.Command("open", url).Start()
	}
	return exec.Command("xdg-open", url).Start()
}
