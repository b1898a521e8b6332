package quizserver

import (
	"crypto/rand"
	"net/http"
	"runtime"
	"strings"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/store"
)

const (
	sessionCookie = "sunnycampus_session"
	sessionLength = 12 * time.Hour // one working day
	backupTimeout = time.Hour
)

func (s *Server) routeStaff(r *gin.Engine) {
	staff := r.Group("/api/staff")
	staff.GET("/setup", s.handle(s.showSetup))
	staff.POST("/setup", s.handle(s.createFirstAccount))
	staff.POST("/login", s.handle(s.login))
	staff.POST("/logout", s.handle(s.logout))
	staff.GET("/backup", s.handle(s.downloadBackup))
	staff.GET("/card", s.publishing(s.showCard))
	staff.PUT("/card", s.publishing(s.saveCard))
	staff.DELETE("/card", s.publishing(s.deleteCard))
	staff.GET("/tasks", s.publishing(s.showTasks))
}

func (s *Server) onlyLocal(c *gin.Context) error {
	if !s.local(c) {
		return fault.New(fault.Denied, "这一页只能在运行程序的那台电脑上打开")
	}
	return nil
}

func (s *Server) showSetup(c *gin.Context) error {
	if err := s.onlyLocal(c); err != nil {
		return err
	}
	has, err := s.Store.HasAccount(c.Request.Context())
	if err != nil {
		return err
	}
	base, loopback := s.Reach.Base()
	svg, err := qrSVG(base + "/")
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"site_url": base + "/", "lan_urls": append([]string{}, s.Reach.LAN()...), "qr_svg": svg,
		"loopback_only": loopback, "has_account": has, "version": s.Version, "os": runtime.GOOS})
	return nil
}

type credentials struct {
	Name     string `json:"name"`
	Password string `json:"password"`
}

func (s *Server) createFirstAccount(c *gin.Context) error {
	if err := s.onlyLocal(c); err != nil {
		return err
	}
	var in credentials
	if err := decode(c, &in); err != nil {
		return err
	}
	account, err := NewAccount(c.Request.Context(), in.Name, "admin", in.Password)
	if err != nil {
		return err
	}
	if err := s.Store.CreateFirstAccount(c.Request.Context(), account, time.Now().UnixMilli()); err != nil {
		return err
	}
	return s.startSession(c, account, http.StatusCreated)
}

func (s *Server) login(c *gin.Context) error {
	var in credentials
	if err := decode(c, &in); err != nil {
		return err
	}
	in.Name = strings.TrimSpace(in.Name)
	if !s.passwords.allow(c.ClientIP()) {
		return fault.New(fault.TooMany, "登录的次数太多了，请过一分钟再试")
	}
	account, err := s.Store.Account(c.Request.Context(), in.Name)
	if kind, _ := fault.Of(err); err != nil && kind != fault.NotFound {
		return err
	}
	// An unknown name costs as much time as a wrong password, so that nobody
	// learns which names exist.
	matches, err := passwordMatches(c.Request.Context(), account.PasswordHash, in.Password)
	if err != nil {
		return err
	}
	if !matches {
		return fault.New(fault.Unauthorized, "账号名或密码不对")
	}
	return s.startSession(c, account, http.StatusOK)
}

func (s *Server) startSession(c *gin.Context, a store.Account, status int) error {
	token, now := rand.Text(), time.Now()
	err := s.Store.CreateSession(c.Request.Context(), store.HashToken(token), a.Name, now.UnixMilli(), now.Add(sessionLength).UnixMilli())
	if err != nil {
		return err
	}
	s.setCookie(c, token, int(sessionLength.Seconds()))
	c.JSON(status, gin.H{"name": a.Name, "role": a.Role})
	return nil
}

func (s *Server) setCookie(c *gin.Context, value string, seconds int) {
	http.SetCookie(c.Writer, &http.Cookie{Name: sessionCookie, Value: value, Path: "/", MaxAge: seconds,
		HttpOnly: true, SameSite: http.SameSiteStrictMode, Secure: c.Request.TLS != nil || c.GetHeader("X-Forwarded-Proto") == "https"})
}

func (s *Server) signedIn(c *gin.Context) (store.Account, error) {
	token, err := c.Cookie(sessionCookie)
	if err != nil || token == "" {
		return store.Account{}, fault.New(fault.Unauthorized, "请先登录")
	}
	return s.Store.SessionAccount(c.Request.Context(), store.HashToken(token), time.Now().UnixMilli())
}

func (s *Server) logout(c *gin.Context) error {
	if token, err := c.Cookie(sessionCookie); err == nil {
		if err := s.Store.DeleteSession(c.Request.Context(), store.HashToken(token)); err != nil {
			return err
		}
	}
	s.setCookie(c, "", -1)
	c.Status(http.StatusNoContent)
	return nil
}

func (s *Server) downloadBackup(c *gin.Context) error {
	account, err := s.signedIn(c)
	if err != nil {
		return err
	}
	if account.Role != "admin" {
		return fault.New(fault.Denied, "只有管理员可以下载备份")
	}
	if err := ofTheWholeSite(account); err != nil {
		return err
	}
	file, err := WriteBackup(c.Request.Context(), s.Store, s.Version)
	if err != nil {
		return err
	}
	defer file.Close()
	s.writeUntil(c, backupTimeout) // a large file on a slow line
	c.Header("Content-Type", "application/zip")
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", `attachment; filename="sunnycampus-`+time.Now().Format("2006-01-02")+`.zip"`)
	http.ServeContent(c.Writer, c.Request, "", time.Time{}, file)
	return nil
}
