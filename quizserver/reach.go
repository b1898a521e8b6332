package quizserver

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"sync"
	"syscall"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
)

// Reach knows at which addresses this server can be opened, and can open it
// to the local network while it runs.
type Reach struct {
	baseURL string // set by the operator; overrides everything
	scheme  string
	serve   func(net.Listener)
	ips     func() []netip.Addr // of this machine that a classroom can reach

	opening   sync.Mutex // a second click waits for the first
	mu        sync.Mutex
	listeners []net.Listener
}

// NewReach serves each listener that it opens with serve. baseURL may be "".
func NewReach(baseURL string, serve func(net.Listener)) *Reach {
	return &Reach{baseURL: baseURL, scheme: "http", serve: serve, ips: cached(classroomIPs)}
}

// Secure says that the listeners speak TLS. Call it before Listen.
func (r *Reach) Secure() { r.scheme = "https" }

// Listen opens the first address.
func (r *Reach) Listen(addr string) error {
	l, err := net.Listen("tcp", addr)
	if err != nil {
		why := "端口可能已被别的程序占用"
		switch {
		case errors.Is(err, syscall.EACCES):
			why = "没有权限用这个端口（1024 以下的端口要管理员权限）"
		case errors.Is(err, syscall.EADDRNOTAVAIL):
			why = "这台电脑没有这个地址"
		}
		return fault.Wrap(fault.Unavailable, err, "地址 "+addr+" 不能用："+why+"。请用 --addr 换一个，例如 --addr 127.0.0.1:8081")
	}
	r.add(l)
	return nil
}

func (r *Reach) add(l net.Listener) {
	r.mu.Lock()
	r.listeners = append(r.listeners, l)
	r.mu.Unlock()
	go r.serve(l)
}

// OpenLAN also listens on this machine's private addresses, unless it already
// listens on more than loopback.
func (r *Reach) OpenLAN() error {
	r.opening.Lock()
	defer r.opening.Unlock()
	if _, loopback := r.Base(); !loopback {
		return nil
	}
	ips := r.ips()
	if len(ips) == 0 {
		return fault.New(fault.Unavailable, "这台电脑没有连上局域网，请先连上学校的网络")
	}
	opened := 0
	var last error
	for _, ip := range ips {
		l, err := net.Listen("tcp", netip.AddrPortFrom(ip, r.port()).String())
		if err != nil {
			last = err
			continue
		}
		r.add(l)
		opened++
	}
	if opened == 0 {
		return fault.Wrap(fault.Unavailable, last, "局域网地址打不开：端口可能被占用，或被防火墙拦住了")
	}
	return nil
}

// Base is the address to give to others, without a slash at the end.
// loopbackOnly means that no other machine can open it.
func (r *Reach) Base() (baseURL string, loopbackOnly bool) {
	if r.baseURL != "" {
		return r.baseURL, false
	}
	urls := r.LAN()
	if len(urls) > 0 {
		return urls[0], false
	}
	return r.Local(), true
}

// Local is the address for a browser on this machine.
func (r *Reach) Local() string {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.listeners) == 0 {
		return ""
	}
	at := listening(r.listeners[0])
	if at.Addr().IsUnspecified() {
		at = netip.AddrPortFrom(netip.AddrFrom4([4]byte{127, 0, 0, 1}), at.Port())
	}
	return r.scheme + "://" + at.String()
}

// LAN lists the addresses that others on the network can open.
func (r *Reach) LAN() []string {
	r.mu.Lock()
	defer r.mu.Unlock()
	var urls []string
	for _, l := range r.listeners {
		at := listening(l)
		switch {
		case at.Addr().IsUnspecified():
			for _, ip := range r.ips() {
				urls = append(urls, fmt.Sprintf("%s://%s", r.scheme, netip.AddrPortFrom(ip, at.Port())))
			}
		case !at.Addr().IsLoopback():
			urls = append(urls, fmt.Sprintf("%s://%s", r.scheme, at))
		}
	}
	return urls
}

func (r *Reach) port() uint16 {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.listeners) == 0 {
		return 0
	}
	return listening(r.listeners[0]).Port()
}

func listening(l net.Listener) netip.AddrPort {
	at, err := netip.ParseAddrPort(l.Addr().String())
	if err != nil {
		return netip.AddrPort{} // not a TCP listener: we open no other
	}
	return netip.AddrPortFrom(at.Addr().Unmap(), at.Port())
}

// ipsKept is how long the list of addresses is kept: long enough not to ask
// the system for every event, short enough to notice a new network.
const ipsKept = 5 * time.Second

// cached remembers what list found for ipsKept.
func cached(list func() []netip.Addr) func() []netip.Addr {
	var mu sync.Mutex
	var ips []netip.Addr
	var at time.Time
	return func() []netip.Addr {
		mu.Lock()
		defer mu.Unlock()
		if at.IsZero() || time.Since(at) > ipsKept {
			ips, at = list(), time.Now()
		}
		return ips
	}
}

// classroomIPs lists this machine's IPv4 addresses that a classroom can
// reach: the one that leads to the network first, since virtual machines
// bring addresses of their own that lead nowhere.
func classroomIPs() []netip.Addr {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	var private, public []netip.Addr
	for _, a := range addrs {
		prefix, err := netip.ParsePrefix(a.String())
		switch {
		case err != nil || !prefix.Addr().Is4() || !prefix.Addr().IsGlobalUnicast():
		case prefix.Addr().IsPrivate():
			private = append(private, prefix.Addr())
		default:
			public = append(public, prefix.Addr())
		}
	}
	ips := private
	if len(ips) == 0 {
		ips = public // some school networks hand out public addresses
	}
	if main := slices.Index(ips, routedIP()); main > 0 {
		ips[0], ips[main] = ips[main], ips[0]
	}
	return ips
}

// routedIP is the address that this machine would use towards other networks.
// Connecting a UDP socket only looks up the route; nothing is sent. The
// target is a documentation address (RFC 5737).
func routedIP() netip.Addr {
	conn, err := net.Dial("udp4", "192.0.2.1:9")
	if err != nil {
		return netip.Addr{}
	}
	defer conn.Close()
	at, err := netip.ParseAddrPort(conn.LocalAddr().String())
	if err != nil {
		return netip.Addr{}
	}
	return at.Addr()
}

// local tells whether a request comes from this very machine: a loopback or
// own peer, no sign of a proxy, and the Host that such a browser would send.
// A server with a base URL stands behind a proxy, which looks local, too.
func (s *Server) local(c *gin.Context) bool {
	if s.Reach.baseURL != "" {
		return false
	}
	for _, header := range []string{"Forwarded", "X-Forwarded-For", "X-Real-Ip", "Via"} {
		if c.GetHeader(header) != "" {
			return false
		}
	}
	peer, err := netip.ParseAddrPort(c.Request.RemoteAddr)
	if err != nil {
		return false
	}
	here := peer.Addr().Unmap()
	if !here.IsLoopback() && !s.ownAddress(c.Request, here) {
		return false
	}
	host, _, err := net.SplitHostPort(c.Request.Host)
	if err != nil {
		host = c.Request.Host
	}
	name, err := netip.ParseAddr(host)
	return host == "localhost" || err == nil && (name.IsLoopback() || name.Unmap() == here)
}

// ownAddress tells whether the peer is the address it connected to: a browser
// on this machine that opened the LAN address.
func (s *Server) ownAddress(req *http.Request, peer netip.Addr) bool {
	local, ok := req.Context().Value(http.LocalAddrContextKey).(net.Addr)
	if !ok {
		return false
	}
	at, err := netip.ParseAddrPort(local.String())
	return err == nil && at.Addr().Unmap() == peer
}
