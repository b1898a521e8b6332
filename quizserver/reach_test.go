package quizserver

import (
	"fmt"
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"
	"sync"
	"testing"

	"rsc.io/qr"

	"sunnycampus/quizserver/fault"
)

// newReach listens on an address until the test ends.
func newReach(t *testing.T, baseURL, addr string) *Reach {
	t.Helper()
	web := &http.Server{Handler: http.NotFoundHandler(), ReadHeaderTimeout: patience}
	reach := NewReach(baseURL, func(l net.Listener) {
		_ = web.Serve(l) // ends with the test
	})
	reach.ips = machineIPs
	t.Cleanup(func() { _ = web.Close() })
	if err := reach.Listen(addr); err != nil {
		t.Fatal(err)
	}
	return reach
}

// machineIPs takes any address of this machine, since a test machine need not
// have a private one.
func machineIPs() (ips []netip.Addr) {
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return nil
	}
	for _, a := range addrs {
		if p, err := netip.ParsePrefix(a.String()); err == nil && p.Addr().Is4() && !p.Addr().IsLoopback() {
			ips = append(ips, p.Addr())
		}
	}
	return ips
}

func TestReachOfLoopback(t *testing.T) {
	reach := newReach(t, "", "127.0.0.1:0")
	base, loopback := reach.Base()
	if base != reach.Local() || !loopback || len(reach.LAN()) != 0 || strings.HasSuffix(base, ":0") {
		t.Errorf("Base = %q, %v; LAN = %q", base, loopback, reach.LAN())
	}
}

func TestReachOfAllAddresses(t *testing.T) {
	for _, addr := range []string{"0.0.0.0:0", ":0"} {
		reach := newReach(t, "", addr)
		lan := reach.LAN()
		if len(lan) != len(machineIPs()) {
			t.Errorf("%s: LAN = %q, want one for each of %v", addr, lan, machineIPs())
		}
		if base, loopback := reach.Base(); loopback != (len(lan) == 0) || !loopback && base != lan[0] {
			t.Errorf("%s: Base = %q, %v; LAN = %q", addr, base, loopback, lan)
		}
		answers(t, reach.Local())
	}
}

func answers(t *testing.T, url string) {
	t.Helper()
	res, err := http.Get(url)
	if err != nil {
		t.Errorf("nobody answers at %s: %v", url, err)
		return
	}
	res.Body.Close()
}

func TestReachOfAnOperatorsAddress(t *testing.T) {
	reach := newReach(t, "https://sunny.example", "127.0.0.1:0")
	if base, loopback := reach.Base(); base != "https://sunny.example" || loopback {
		t.Errorf("Base = %q, %v", base, loopback)
	}
}

func TestReachOfAPortInUse(t *testing.T) {
	first := newReach(t, "", "127.0.0.1:0")
	err := NewReach("", nil).Listen(strings.TrimPrefix(first.Local(), "http://"))
	if kind, message := fault.Of(err); kind != fault.Unavailable || !strings.Contains(message, "--addr") {
		t.Errorf("Listen on a port in use: %v", err)
	}
}

// TestOpenLAN opens the network from several clicks at once.
func TestOpenLAN(t *testing.T) {
	reach := newReach(t, "", "127.0.0.1:0")
	var clicks sync.WaitGroup
	errs := make([]error, 4)
	for i := range errs {
		clicks.Go(func() { errs[i] = reach.OpenLAN() })
	}
	clicks.Wait()
	if len(machineIPs()) == 0 { // a machine without a network says so
		for _, err := range errs {
			if kind, _ := fault.Of(err); kind != fault.Unavailable {
				t.Errorf("OpenLAN without a network = %v", err)
			}
		}
		return
	}
	for i, err := range errs {
		if err != nil {
			t.Errorf("click %d: %v", i, err)
		}
	}
	base, loopback := reach.Base()
	lan := reach.LAN()
	if loopback || base != lan[0] || len(lan) != len(slices.Compact(slices.Sorted(slices.Values(lan)))) {
		t.Errorf("Base = %q, %v; LAN = %q", base, loopback, lan)
	}
}

func TestMachineWithoutNetworkSaysSo(t *testing.T) {
	reach := newReach(t, "", "127.0.0.1:0")
	reach.ips = func() []netip.Addr { return nil }
	if kind, message := fault.Of(reach.OpenLAN()); kind != fault.Unavailable || !strings.Contains(message, "局域网") {
		t.Errorf("OpenLAN = %d %q", kind, message)
	}
}

func TestClassroomIPsCanBeReached(t *testing.T) {
	ips := classroomIPs()
	for _, ip := range ips {
		if !ip.Is4() || !ip.IsGlobalUnicast() {
			t.Errorf("classroomIPs holds %v", ip)
		}
	}
	// The address that leads to the network comes first, whatever virtual
	// machines have added.
	if main := slices.Index(ips, routedIP()); main > 0 {
		t.Errorf("the routed address is number %d of %v", main, ips)
	}
}

func TestShareOpensTheNetworkToTheClass(t *testing.T) {
	w := newWorld(t, func(s *Server) { s.Reach.ips = machineIPs })
	c := w.openRoom("canary", "devices")
	host := w.listen(c.code, c.host)
	if first := host.in("lobby"); !first.LoopbackOnly || first.JoinURL != w.base+"/join/#"+c.code {
		t.Errorf("before: %+v", first)
	}
	r := w.do("POST", c.url("/share"), c.host, nil)
	if len(machineIPs()) == 0 {
		w.ok(503, r, nil)
		return
	}
	var got struct {
		JoinURL  string `json:"join_url"`
		Loopback bool   `json:"loopback_only"`
	}
	w.ok(200, r, &got)
	now := host.state(func(r room) bool { return !r.LoopbackOnly })
	if got.Loopback || now.JoinURL != got.JoinURL || strings.Contains(got.JoinURL, "127.0.0.1") || !strings.HasSuffix(got.JoinURL, "/join/#"+c.code) {
		t.Errorf("after: %+v, host sees %q", got, now.JoinURL)
	}
	if lan := w.server.Reach.LAN(); len(lan) == 0 || !strings.HasPrefix(got.JoinURL, lan[0]) {
		t.Errorf("the class is sent to %q, and we listen at %q", got.JoinURL, lan)
	}
}

// readSVG reads the drawn modules back, with the quiet zone taken off.
func readSVG(t *testing.T, svg string) [][]bool {
	t.Helper()
	var size int
	_, rest, ok := strings.Cut(svg, `viewBox="`)
	if _, err := fmt.Sscanf(rest, "0 0 %d", &size); err != nil || !ok {
		t.Fatalf("no viewBox: %v", err)
	}
	_, dots, ok := strings.Cut(rest, `fill="#000" d="`)
	if !ok {
		t.Fatal("no black path")
	}
	grid := make([][]bool, size-8)
	for i := range grid {
		grid[i] = make([]bool, size-8)
	}
	dots, _, _ = strings.Cut(dots, `"`)
	for dot := range strings.SplitSeq(strings.TrimSuffix(dots, "h1v1h-1z"), "h1v1h-1z") {
		var x, y int
		if _, err := fmt.Sscanf(dot, "M%d %d", &x, &y); err != nil {
			t.Fatalf("module %q: %v", dot, err)
		}
		if min(x, y) < 4 || max(x, y) >= size-4 {
			t.Fatalf("module %d,%d lies in the quiet zone", x, y)
		}
		grid[y-4][x-4] = true
	}
	return grid
}

// decodeQR reads a version 3 code as a scanner without error correction does:
// mask from the format bits, then the bits in zigzag, then byte mode.
func decodeQR(t *testing.T, m [][]bool) string {
	t.Helper()
	const n = 29
	if len(m) != n {
		t.Fatalf("size %d, want %d", len(m), n)
	}
	mask := 0
	for i, x := range []int{2, 3, 4} {
		bit := m[8][x] != (0b101>>(2-i)&1 == 1) // the format is masked with 101010000010010
		if bit {
			mask |= 4 >> i
		}
	}
	taken := func(x, y int) bool {
		finder := x < 9 && y < 9 || x >= n-8 && y < 9 || x < 9 && y >= n-8
		return finder || x == 6 || y == 6 || x >= 20 && x <= 24 && y >= 20 && y <= 24
	}
	flip := func(x, y int) bool {
		return []bool{(x+y)%2 == 0, y%2 == 0, x%3 == 0, (x+y)%3 == 0, (y/2+x/3)%2 == 0,
			x*y%2+x*y%3 == 0, (x*y%2+x*y%3)%2 == 0, ((x+y)%2+x*y%3)%2 == 0}[mask]
	}
	var bits []byte
	for right, up := n-1, true; right > 0; right, up = right-2, !up {
		if right == 6 {
			right--
		}
		for i := range n {
			y := i
			if up {
				y = n - 1 - i
			}
			for _, x := range []int{right, right - 1} {
				if taken(x, y) {
					continue
				}
				bit := byte(0)
				if m[y][x] != flip(x, y) {
					bit = 1
				}
				bits = append(bits, bit)
			}
		}
	}
	read := func(from, count int) (v int) {
		for _, b := range bits[from : from+count] {
			v = v<<1 | int(b)
		}
		return v
	}
	if mode := read(0, 4); mode != 4 {
		t.Fatalf("mode %d, want bytes", mode)
	}
	text := make([]byte, read(4, 8))
	for i := range text {
		text[i] = byte(read(12+8*i, 8))
	}
	return string(text)
}

func TestQRSVGCanBeRead(t *testing.T) {
	for _, text := range []string{"http://192.168.1.10:8080/join/#123456", "http://10.0.0.7:8080/join/#987654"} {
		svg, err := qrSVG(text)
		if err != nil {
			t.Fatal(err)
		}
		grid := readSVG(t, svg)
		if got := decodeQR(t, grid); got != text {
			t.Errorf("the code reads %q, want %q", got, text)
		}
		code, err := qr.Encode(text, qr.M)
		if err != nil {
			t.Fatal(err)
		}
		for y := range grid {
			for x := range grid[y] {
				if grid[y][x] != code.Black(x, y) { // the error correction, which decodeQR skips
					t.Fatalf("module %d,%d differs", x, y)
				}
			}
		}
	}
	if _, err := qrSVG(strings.Repeat("长", 5000)); err == nil {
		t.Error("a text too long for any code was drawn")
	}
}

func TestRoomQRLeadsToTheRoom(t *testing.T) {
	w := newWorld(t)
	c := w.openRoom("canary", "devices")
	r := w.ok(200, w.get(c.url("/qr.svg"), ""), nil)
	if got, want := decodeQR(t, readSVG(t, string(r.body))), w.base+"/join/#"+c.code; got != want || r.header.Get("Cache-Control") != "no-store" {
		t.Errorf("the code leads to %q, want %q; headers %v", got, want, r.header)
	}
}
