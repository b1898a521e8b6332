package main

import (
	"bufio"
	"context"
	"crypto/ecdsa"
	"crypto/elliptic"
	"crypto/rand"
	"crypto/tls"
	"crypto/x509"
	"crypto/x509/pkix"
	"encoding/pem"
	"errors"
	"fmt"
	"io"
	"math/big"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"sunnycampus/quizserver/fault"
)

// tlsFlags choose the certificate; none is plain HTTP.
type tlsFlags struct {
	cert, key string
	self      bool
}

func (f *tlsFlags) on() bool { return f.self || f.cert != "" }

func (f *tlsFlags) check() error {
	if (f.cert == "") != (f.key == "") {
		return usageError{errors.New("--tls-cert 和 --tls-key 要一起写")}
	}
	if f.self && f.cert != "" {
		return usageError{errors.New("--tls-self 和 --tls-cert 只能选一个：自己有证书就不用自签的")}
	}
	return nil
}

// config reads the certificate, or makes one for this machine.
func (f *tlsFlags) config(data string) (*tls.Config, error) {
	var renew func() error
	if f.self {
		dir := filepath.Join(data, "tls")
		f.cert, f.key = filepath.Join(dir, "self.crt"), filepath.Join(dir, "self.key")
		renew = func() error { return ensureSelfSigned(f.cert, f.key, time.Now()) }
		if err := renew(); err != nil {
			return nil, fault.Wrap(fault.Unavailable, err, "自签证书写不进 "+dir+"，请检查数据文件夹")
		}
	}
	kept := &certificate{cert: f.cert, key: f.key, renew: renew}
	if _, err := kept.get(nil); err != nil {
		return nil, fault.Wrap(fault.Invalid, err, "证书读不出来，请检查 "+f.cert+" 和 "+f.key+"：要 PEM 格式，私钥和证书是一对")
	}
	return &tls.Config{GetCertificate: kept.get, MinVersion: tls.VersionTLS12, NextProtos: []string{"h2", "http/1.1"}}, nil
}

// certificate is read again when its file is replaced, so that a renewed one
// needs no restart.
type certificate struct {
	cert, key string
	renew     func() error // of a self-made one; nil for others

	mu     sync.Mutex
	loaded *tls.Certificate
	of     time.Time // modification of the file
	looked time.Time
}

const lookAgain = time.Minute

func (c *certificate) get(*tls.ClientHelloInfo) (*tls.Certificate, error) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.loaded != nil && time.Since(c.looked) < lookAgain {
		return c.loaded, nil
	}
	c.looked = time.Now()
	if c.renew != nil && c.loaded != nil {
		_ = c.renew() // tried again in a minute; the old one serves until then
	}
	info, err := os.Stat(c.cert)
	if err == nil && c.loaded != nil && info.ModTime().Equal(c.of) {
		return c.loaded, nil
	}
	if err == nil {
		var pair tls.Certificate
		if pair, err = tls.LoadX509KeyPair(c.cert, c.key); err == nil {
			c.loaded, c.of = &pair, info.ModTime()
			return c.loaded, nil
		}
	}
	if c.loaded != nil {
		return c.loaded, nil // half replaced; the old one serves until the new one is whole
	}
	return nil, err
}

const (
	selfSignedLife = 397 * 24 * time.Hour // browsers refuse longer ones
	renewBefore    = 30 * 24 * time.Hour
)

// ensureSelfSigned keeps the certificate that is there while it is valid and
// names all addresses of this machine: each new one makes every device warn again.
func ensureSelfSigned(certFile, keyFile string, now time.Time) error {
	names, ips := ownNames()
	if pair, err := tls.LoadX509KeyPair(certFile, keyFile); err == nil && covers(pair, names, ips, now) {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(certFile), 0o700); err != nil {
		return err
	}
	key, err := ecdsa.GenerateKey(elliptic.P256(), rand.Reader)
	if err != nil {
		return err
	}
	serial, err := rand.Int(rand.Reader, new(big.Int).Lsh(big.NewInt(1), 120))
	if err != nil {
		return err
	}
	template := &x509.Certificate{SerialNumber: serial, Subject: pkix.Name{CommonName: "阳光校园"},
		NotBefore: now.Add(-time.Hour), NotAfter: now.Add(selfSignedLife), DNSNames: names, IPAddresses: ips,
		KeyUsage: x509.KeyUsageDigitalSignature, ExtKeyUsage: []x509.ExtKeyUsage{x509.ExtKeyUsageServerAuth}, BasicConstraintsValid: true}
	signed, err := x509.CreateCertificate(rand.Reader, template, template, &key.PublicKey, key)
	if err != nil {
		return err
	}
	secret, err := x509.MarshalPKCS8PrivateKey(key)
	if err != nil {
		return err
	}
	return errors.Join(
		os.WriteFile(keyFile, pem.EncodeToMemory(&pem.Block{Type: "PRIVATE KEY", Bytes: secret}), 0o600),
		os.WriteFile(certFile, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: signed}), 0o644))
}

func covers(pair tls.Certificate, names []string, ips []net.IP, now time.Time) bool {
	leaf, err := x509.ParseCertificate(pair.Certificate[0])
	if err != nil || now.Add(renewBefore).After(leaf.NotAfter) {
		return false
	}
	for _, name := range names {
		if !slices.Contains(leaf.DNSNames, name) {
			return false
		}
	}
	for _, ip := range ips {
		if !slices.ContainsFunc(leaf.IPAddresses, ip.Equal) {
			return false
		}
	}
	return true
}

// ownNames are what this machine can be opened as.
func ownNames() (names []string, ips []net.IP) {
	names = []string{"localhost"}
	if host, err := os.Hostname(); err == nil && host != "" && host != "localhost" {
		names = append(names, host)
	}
	ips = []net.IP{net.IPv4(127, 0, 0, 1), net.IPv6loopback}
	addrs, err := net.InterfaceAddrs()
	if err != nil {
		return names, ips
	}
	for _, a := range addrs {
		if n, ok := a.(*net.IPNet); ok && n.IP.To4() != nil && n.IP.IsGlobalUnicast() {
			ips = append(ips, n.IP)
		}
	}
	return names, ips
}

const (
	sniffTime    = 10 * time.Second // for a client to say its first byte
	acceptAgain  = 50 * time.Millisecond
	mostHeader   = 16 << 10
	tlsHandshake = 0x16 // the first byte of a TLS record that opens one
)

// secured hands TLS connections on, and sends who comes with plain HTTP to the
// same address with https: people type addresses without it.
type secured struct {
	net.Listener
	conns  chan net.Conn
	ctx    context.Context
	cancel context.CancelCauseFunc
}

func secure(l net.Listener, config *tls.Config) net.Listener {
	ctx, cancel := context.WithCancelCause(context.Background())
	s := &secured{l, make(chan net.Conn), ctx, cancel}
	go s.accept()
	return tls.NewListener(s, config)
}

func (s *secured) accept() {
	for {
		conn, err := s.Listener.Accept()
		// Out of files, or a client gone at once: as net/http, wait and go on.
		if passing, ok := err.(interface{ Temporary() bool }); ok && passing.Temporary() {
			time.Sleep(acceptAgain)
			continue
		}
		if err != nil {
			s.cancel(err)
			return
		}
		go s.sort(conn)
	}
}

func (s *secured) sort(conn net.Conn) {
	read := bufio.NewReader(conn)
	err := conn.SetDeadline(time.Now().Add(sniffTime))
	var first []byte
	if err == nil {
		first, err = read.Peek(1)
	}
	if err != nil {
		conn.Close()
		return
	}
	if first[0] != tlsHandshake {
		defer conn.Close()
		req, err := http.ReadRequest(bufio.NewReader(io.LimitReader(read, mostHeader)))
		if err != nil || req.Host == "" {
			return
		}
		_, _ = fmt.Fprintf(conn, "HTTP/1.1 307 Temporary Redirect\r\nLocation: https://%s%s\r\nCache-Control: no-store\r\nContent-Length: 0\r\nConnection: close\r\n\r\n", req.Host, req.URL.RequestURI())
		return
	}
	if err := conn.SetDeadline(time.Time{}); err != nil {
		conn.Close()
		return
	}
	select {
	case s.conns <- peeked{conn, read}:
	case <-s.ctx.Done():
		conn.Close()
	}
}

func (s *secured) Accept() (net.Conn, error) {
	select {
	case conn := <-s.conns:
		return conn, nil
	case <-s.ctx.Done():
		return nil, context.Cause(s.ctx)
	}
}

// peeked is a connection whose first byte was looked at.
type peeked struct {
	net.Conn
	read *bufio.Reader
}

func (p peeked) Read(b []byte) (int, error) { return p.read.Read(b) }
