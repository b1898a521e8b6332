package main

import (
	"context"
	"crypto/rand"
	"crypto/tls"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"sunnycampus/quizserver"
	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/live"
	"sunnycampus/quizserver/site"
	"sunnycampus/search"
)

const (
	watchInterval   = 2 * time.Second
	retention       = 30 * 24 * time.Hour // of rooms with their seats and answers
	retentionCheck  = time.Hour
	shutdownTimeout = 10 * time.Second
)

type serveOptions struct {
	from        sourceFlags
	where       storeFlags
	addr        string
	baseURL     string
	rooms       string
	tls         tlsFlags
	verbose     bool
	afterListen func(reach *quizserver.Reach)
}

func serveCommand() *cobra.Command {
	var o serveOptions
	cmd := &cobra.Command{Use: "serve", Short: "打开网站、搜索和课堂答题", Args: noArgs, RunE: func(cmd *cobra.Command, _ []string) error {
		return serve(cmd.Context(), o)
	}}
	o.from.register(cmd)
	o.where.register(cmd)
	cmd.Flags().StringVar(&o.addr, "addr", "127.0.0.1:8080", "监听地址；0.0.0.0:8080 表示局域网都能打开")
	registerBaseURL(cmd, &o.baseURL)
	cmd.Flags().StringVar(&o.rooms, "rooms", "", "谁能开教室：anyone 或 staff（默认 anyone；设了 --base-url 则为 staff）")
	cmd.Flags().StringVar(&o.tls.cert, "tls-cert", "", "证书文件（PEM），用 https；换了新的不用重启")
	cmd.Flags().StringVar(&o.tls.key, "tls-key", "", "证书的私钥文件（PEM）")
	cmd.Flags().BoolVar(&o.tls.self, "tls-self", false, "用自己做的证书开 https：手机浏览器第一次会提醒，点继续就能用摄像头读纸卡")
	cmd.Flags().BoolVar(&o.verbose, "verbose", false, "记录每个请求")
	return cmd
}

func registerBaseURL(cmd *cobra.Command, baseURL *string) {
	cmd.Flags().StringVar(baseURL, "base-url", "", "对外的网址，形如 https://sunny.example.edu.cn")
}

// checkBaseURL takes the slash off the end.
func checkBaseURL(baseURL *string) error {
	if *baseURL == "" {
		return nil
	}
	u, err := url.Parse(*baseURL)
	if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.Fragment != "" {
		return usageError{fmt.Errorf("--base-url 应形如 https://sunny.example.edu.cn，收到的是 %q", *baseURL)}
	}
	*baseURL = strings.TrimRight(*baseURL, "/")
	return nil
}

func (o *serveOptions) check() error {
	if err := errors.Join(checkBaseURL(&o.baseURL), o.tls.check()); err != nil {
		return err
	}
	if _, port, err := net.SplitHostPort(o.addr); err != nil || !validPort(port) {
		return usageError{fmt.Errorf("--addr 应形如 127.0.0.1:8080，收到的是 %q", o.addr)}
	}
	switch o.rooms {
	case "":
		o.rooms = "anyone"
		if o.baseURL != "" {
			o.rooms = "staff"
		}
	case "anyone", "staff":
	default:
		return usageError{fmt.Errorf("--rooms 只能是 anyone 或 staff，收到的是 %q", o.rooms)}
	}
	return nil
}

func validPort(port string) bool {
	n, err := strconv.Atoi(port)
	return err == nil && n >= 0 && n <= 65535
}

// serve runs until ctx ends. Pages of the last release are served at once; a
// build that is due runs behind them.
func serve(ctx context.Context, o serveOptions) (err error) {
	if err := o.check(); err != nil {
		return err
	}
	level := slog.LevelInfo
	if o.verbose {
		level = slog.LevelDebug
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, &slog.HandlerOptions{Level: level}))
	if err := prepareData(o.where.data); err != nil {
		return err
	}
	src, err := o.from.source(o.where.data)
	if err != nil {
		return err
	}
	child, err := renderer()
	if err != nil {
		return err
	}
	db, err := o.where.open(ctx)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, db.Close()) }()
	index, err := search.Open(filepath.Join(o.where.data, "index"))
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "搜索索引打不开：是不是已经有一个程序在用数据文件夹 "+o.where.data+"？")
	}
	defer func() { err = errors.Join(err, index.Close()) }()
	secret, err := db.Setting(ctx, "secret", rand.Text())
	if err != nil {
		return err
	}

	pages := &site.Live{Builder: &site.Builder{Source: src, Data: o.where.data, BaseURL: o.baseURL, Command: child, Card: quizserver.Card(db, log)}, Index: index, Log: log}
	stopping := make(chan struct{})
	web := &http.Server{ReadHeaderTimeout: 10 * time.Second, ReadTimeout: time.Minute, IdleTimeout: 2 * time.Minute,
		MaxHeaderBytes: 16 << 10, ErrorLog: slog.NewLogLogger(log.Handler(), slog.LevelDebug)}
	var secrets *tls.Config
	if o.tls.on() {
		if secrets, err = o.tls.config(o.where.data); err != nil {
			return err
		}
	}
	reach := quizserver.NewReach(o.baseURL, func(l net.Listener) {
		if secrets != nil {
			l = secure(l, secrets)
		}
		if err := web.Serve(l); err != nil && !errors.Is(err, http.ErrServerClosed) {
			log.Error("stopped listening", "addr", l.Addr().String(), "err", err)
		}
	})
	rooms := live.NewRooms(db, log, reach.Base)
	rooms.Distress = index.InDistress
	defer rooms.Stop()
	server := &quizserver.Server{Store: db, Rooms: rooms, Site: pages, Index: index, Reach: reach, Log: log,
		Secret: secret, Version: version, StaffOnly: o.rooms == "staff", Stopping: stopping}
	web.Handler = server.Handler()
	if secrets != nil {
		reach.Secure()
		web.Protocols = new(http.Protocols)
		web.Protocols.SetHTTP1(true)
		web.Protocols.SetHTTP2(true)
	}
	if err := reach.Listen(o.addr); err != nil {
		return err
	}
	defer shutdown(web, stopping, log)

	var background sync.WaitGroup // builds and clean-ups end before the index and the database close
	defer background.Wait()
	ctx, cancel := context.WithCancel(ctx)
	defer cancel()
	if err := prepare(ctx, pages, rooms, &background); err != nil {
		if ctx.Err() != nil {
			return nil // stopped while building, as asked
		}
		return err
	}
	fmt.Printf("已经就绪，请用浏览器打开 %s/  （按 Ctrl+C 停止）\n", reach.Local())
	if has, err := db.HasAccount(ctx); err == nil && !has && o.baseURL == "" {
		fmt.Printf("还没有管理员账号；需要时在这台电脑上打开 %s/start/ 建立。\n", reach.Local())
	}
	log.Info("listening on " + reach.Local())
	if o.afterListen != nil {
		o.afterListen(reach)
	}
	background.Go(func() { pages.Watch(ctx, watchInterval) })
	background.Go(func() { expire(ctx, rooms, o.where.data, log) })
	<-ctx.Done()
	fmt.Println("正在停止……")
	return nil
}

// prepare makes pages, search and rooms answer, as fast as it can.
func prepare(ctx context.Context, pages *site.Live, rooms *live.Rooms, background *sync.WaitGroup) error {
	served, stale, err := pages.Resume(ctx)
	if err != nil {
		return err
	}
	if !served {
		fmt.Println("正在生成网站和搜索索引，第一次需要几秒到一分钟……")
		if err := pages.Rebuild(ctx); err != nil {
			return err
		}
	} else if stale {
		fmt.Println("内容有更新：先打开上一次的网站，同时在后台生成新的。")
		background.Go(func() { _ = pages.LogRebuild(ctx) })
	}
	return rooms.Resume(ctx)
}

// expire deletes rooms, with their seats and answers, at the end of the
// retention time, and with them the copies that a restore kept.
func expire(ctx context.Context, rooms *live.Rooms, data string, log *slog.Logger) {
	tick := time.NewTicker(retentionCheck)
	defer tick.Stop()
	for {
		before := time.Now().Add(-retention)
		n, err := rooms.DeleteBefore(ctx, before.UnixMilli())
		if err := errors.Join(err, quizserver.DeleteKept(data, before)); err != nil && ctx.Err() == nil {
			log.Error("delete what has expired", "err", err)
		}
		if n > 0 {
			log.Info("deleted expired rooms", "rooms", n)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}

func shutdown(web *http.Server, stopping chan struct{}, log *slog.Logger) {
	close(stopping)
	ctx, cancel := context.WithTimeout(context.Background(), shutdownTimeout)
	defer cancel()
	if err := web.Shutdown(ctx); err != nil {
		log.Warn("requests were cut off at shutdown", "err", err)
	}
}
