package quizserver

import (
	"context"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"regexp"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/live"
	"sunnycampus/quizserver/store"
)

const (
	maxAnswerBody    = 4 << 10
	heartbeat        = 15 * time.Second
	streamWriteLimit = 10 * time.Second
)

func (s *Server) routeRooms(r *gin.Engine) {
	r.POST("/api/rooms", s.handle(s.createRoom))
	room := r.Group("/api/rooms/:code")
	room.GET("", s.handle(s.showRoom))
	room.POST("/seats", s.handle(s.takeSeat))
	room.GET("/events", s.handle(s.streamRoom))
	room.POST("/answers", s.handle(s.answer))
	room.PUT("/tally", s.handle(s.tally))
	room.PUT("/extra", s.handle(s.giveTime))
	room.POST("/control", s.handle(s.control))
	room.DELETE("", s.handle(s.deleteRoom))
	room.POST("/claims", s.handle(s.claim))
	room.GET("/claims", s.handle(s.claimState))
	room.PUT("/claims", s.handle(s.openClaims))
	room.POST("/claims/:number", s.handle(s.decideClaim))
	room.DELETE("/hosts", s.handle(s.dismissHosts))
	room.POST("/share", s.handle(s.share))
	room.GET("/qr.svg", s.handle(s.roomQR))
	room.GET("/results.xlsx", s.handle(s.results))
	room.GET("/log", s.handle(s.roomLog))
}

type roomRequest struct {
	Quiz    string   `json:"quiz"`
	Items   []string `json:"items"` // all when empty
	Mode    string   `json:"mode"`
	Timer   string   `json:"timer"`
	Seconds int      `json:"seconds"` // of timer same
	Minutes int      `json:"minutes"` // of mode self
	Teams   int      `json:"teams"`   // of mode teams
	Bonus   bool     `json:"bonus"`
}

func (in roomRequest) setup() (live.Setup, error) {
	setup := live.Setup{Mode: in.Mode, Timed: in.Timer != "off", Minutes: in.Minutes, Teams: in.Teams, Bonus: in.Bonus}
	switch {
	case in.Timer != "off" && in.Timer != "item" && in.Timer != "same":
		return setup, fault.New(fault.Invalid, "计时方式只能是 off（不限时）、item（按题限时）或 same（每题一样）")
	case in.Timer == "same" && in.Seconds == 0:
		return setup, fault.New(fault.Invalid, "每题一样的时间，请写明 seconds：几秒")
	case in.Timer == "same":
		setup.Seconds = in.Seconds
	}
	return setup, nil
}

func (s *Server) createRoom(c *gin.Context) error {
	if s.StaffOnly {
		if _, err := s.signedIn(c); err != nil {
			return fault.Wrap(fault.Unauthorized, err, "这台服务器只有登录的老师才能开教室，请先登录")
		}
	}
	in := roomRequest{Mode: "devices", Timer: "off"}
	if err := decode(c, &in); err != nil {
		return err
	}
	if in.Quiz == "" {
		return fault.New(fault.Invalid, "请写明 quiz：用哪个题库")
	}
	setup, err := in.setup()
	if err != nil {
		return err
	}
	release := s.Site.Release()
	if release == nil {
		return fault.New(fault.Unavailable, "网站正在生成，请稍候")
	}
	q, ok := release.Quiz(in.Quiz)
	if !ok {
		return fault.New(fault.NotFound, "没有这个题库，请从题库列表里选一个")
	}
	if len(in.Items) > 0 {
		if q, err = q.Pick(in.Items); err != nil {
			return err
		}
	}
	if !s.local(c) && !s.openings.allow(c.ClientIP()) {
		return fault.New(fault.TooMany, "开的教室太多了，请过一分钟再试")
	}
	code, token, err := s.Rooms.Create(c.Request.Context(), q, setup)
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, gin.H{"code": code, "host_token": token})
	return nil
}

// room finds the room of a request for somebody who need not belong to it.
// Guessing codes is made slow: an address that keeps asking for rooms that are
// not there has to wait.
func (s *Server) room(c *gin.Context) (*live.Room, error) {
	if s.guesses.exhausted(c.ClientIP()) {
		return nil, fault.New(fault.TooMany, "输错的次数太多了，请过一分钟再试，或请老师看看课堂码")
	}
	r, err := s.findRoom(c)
	if kind, _ := fault.Of(err); err != nil && kind == fault.NotFound {
		s.guesses.allow(c.ClientIP())
	}
	return r, err
}

func (s *Server) findRoom(c *gin.Context) (*live.Room, error) {
	code := c.Param("code")
	for _, digit := range code {
		if digit < '0' || digit > '9' {
			code = ""
		}
	}
	if len(code) != 6 {
		return nil, fault.New(fault.NotFound, "课堂码是 6 位数字，请再看一眼大屏")
	}
	return s.Rooms.Room(c.Request.Context(), code)
}

// viewer finds the room and who asks; a stranger has no token at all. A school
// shares one address, so who belongs to a room is not held up by others'
// wrong codes.
func (s *Server) viewer(c *gin.Context) (*live.Room, live.Viewer, error) {
	if token := bearer(c); token != "" {
		if r, err := s.findRoom(c); err == nil {
			if v, err := r.Authorize(token); err == nil {
				return r, v, nil
			}
		}
	}
	r, err := s.room(c)
	if err != nil {
		return nil, live.Viewer{}, err
	}
	v, err := r.Authorize(bearer(c))
	return r, v, err
}

func (s *Server) host(c *gin.Context) (*live.Room, error) {
	r, v, err := s.viewer(c)
	if err != nil {
		return nil, err
	}
	if !v.Host {
		return nil, fault.New(fault.Denied, "只有主持这间教室的老师可以这样做")
	}
	return r, nil
}

func (s *Server) showRoom(c *gin.Context) error {
	r, v, err := s.viewer(c)
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, r.View(v))
	return nil
}

type seatRequest struct {
	Number *int   `json:"number"`
	Token  string `json:"seat_token"` // drawn by the device; else by us
}

var seatToken = regexp.MustCompile(`^[0-9A-Za-z]{26,64}$`)

func (s *Server) takeSeat(c *gin.Context) error {
	var in seatRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.room(c)
	if err != nil {
		return err
	}
	number := 0
	if in.Number != nil {
		if number = *in.Number; number < 1 {
			return fault.New(fault.Invalid, "座号应是 1 到 %d 的数字", live.MaxSeatNumber)
		}
	}
	var seat store.Seat
	switch {
	case in.Token == "":
		seat, in.Token, err = r.Sit(c.Request.Context(), number)
	case seatToken.MatchString(in.Token):
		seat, err = r.SitAs(c.Request.Context(), number, in.Token)
	default:
		err = fault.New(fault.Invalid, "seat_token 应是随机的 26 到 64 个字母数字，也可以不写")
	}
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, gin.H{"seat": seat.Number, "nickname": seat.Nickname, "seat_token": in.Token})
	return nil
}

type answerRequest struct {
	Item    string `json:"item"`
	Opening int    `json:"opening"`
	Choice  choice `json:"choice"`
}

// answer stamps the time before anything else: a slow body or a busy server
// must not cost a pupil the answer.
func (s *Server) answer(c *gin.Context) error {
	received := time.Now()
	r, v, err := s.viewer(c)
	if err != nil {
		return err
	}
	if v.Seat == 0 {
		return fault.New(fault.Unauthorized, "请先用课堂码加入，再作答")
	}
	defer r.Receive()()
	c.Request.Body = http.MaxBytesReader(c.Writer, c.Request.Body, maxAnswerBody)
	var in answerRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	receipt, err := r.Answer(c.Request.Context(), v, in.Item, in.Opening, in.Choice, received)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, receipt)
	return nil
}

// tallyRequest holds counts of hands; or what paper cards show or teams say, by seat.
type tallyRequest struct {
	Item    string         `json:"item"`
	Opening int            `json:"opening"`
	Team    string         `json:"team"`
	Counts  map[string]int `json:"counts"`
	Seats   map[int]choice `json:"seats"`
}

func (s *Server) tally(c *gin.Context) error {
	var in tallyRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.host(c)
	if err != nil {
		return err
	}
	if len(in.Seats) > 0 {
		choices := map[int][]string{}
		for seat, said := range in.Seats {
			choices[seat] = slices.DeleteFunc(said, func(option string) bool { return option == "" })
		}
		tally, err := r.Note(c.Request.Context(), in.Item, in.Opening, choices)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, tally)
		return nil
	}
	for _, n := range in.Counts {
		if n < 0 || n > 5000 {
			return fault.New(fault.Invalid, "人数应在 0 到 5000 之间")
		}
	}
	if len([]rune(in.Team)) > 20 {
		return fault.New(fault.Invalid, "队名最多 20 个字")
	}
	tally, err := r.Tally(c.Request.Context(), in.Item, in.Opening, in.Team, in.Counts)
	if err != nil {
		return err
	}
	c.JSON(http.StatusOK, tally)
	return nil
}

// giveTime says which seats have more time than the others.
func (s *Server) giveTime(c *gin.Context) error {
	var in struct {
		Seats map[int]int `json:"seats"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.host(c)
	if err != nil {
		return err
	}
	if err := r.GiveTime(c.Request.Context(), in.Seats); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

type controlRequest struct {
	Action  string `json:"action"`
	Version *int64 `json:"version"`
	Seat    int    `json:"seat"`
}

func (s *Server) control(c *gin.Context) error {
	var in controlRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.host(c)
	if err != nil {
		return err
	}
	if in.Version == nil {
		return fault.New(fault.Invalid, "请写明 version：你看到的教室是第几版")
	}
	if err := r.Control(c.Request.Context(), in.Action, *in.Version, in.Seat); err != nil {
		return err
	}
	c.JSON(http.StatusOK, r.View(live.Viewer{Host: true}))
	return nil
}

// deleteRoom forgets a room at once, before its retention time ends.
func (s *Server) deleteRoom(c *gin.Context) error {
	if _, err := s.host(c); err != nil {
		return err
	}
	if err := s.Rooms.Delete(context.WithoutCancel(c.Request.Context()), c.Param("code")); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// openClaims lets other devices ask to host for a few minutes.
func (s *Server) openClaims(c *gin.Context) error {
	r, err := s.host(c)
	if err != nil {
		return err
	}
	base, loopback := s.Reach.Base()
	svg, err := qrSVG(base + "/host/#" + c.Param("code"))
	if err != nil {
		return err
	}
	r.OpenClaims()
	c.JSON(http.StatusOK, gin.H{"host_url": base + "/host/#" + c.Param("code"), "qr_svg": svg, "loopback_only": loopback})
	return nil
}

// claim asks to host from another device.
func (s *Server) claim(c *gin.Context) error {
	r, err := s.room(c)
	if err != nil {
		return err
	}
	secret, number, err := r.Claim()
	if err != nil {
		return err
	}
	c.JSON(http.StatusCreated, gin.H{"claim": secret, "number": number})
	return nil
}

// claimState tells a device what became of its claim, which is its token.
func (s *Server) claimState(c *gin.Context) error {
	r, err := s.room(c)
	if err != nil {
		return err
	}
	state, token, err := r.ClaimState(bearer(c))
	if err != nil {
		return err
	}
	answer := gin.H{"state": state}
	if token != "" {
		answer["host_token"] = token
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, answer)
	return nil
}

func (s *Server) decideClaim(c *gin.Context) error {
	var in struct {
		Admit bool `json:"admit"`
	}
	if err := decode(c, &in); err != nil {
		return err
	}
	r, err := s.host(c)
	if err != nil {
		return err
	}
	if err := r.DecideClaim(c.Request.Context(), c.Param("number"), in.Admit); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// dismissHosts ends the other devices that host.
func (s *Server) dismissHosts(c *gin.Context) error {
	r, v, err := s.viewer(c)
	if err != nil {
		return err
	}
	if !v.Host {
		return fault.New(fault.Denied, "只有主持这间教室的老师可以这样做")
	}
	if err := r.DismissHosts(c.Request.Context(), v); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// streamRoom sends the room's events until the client leaves, the seat is
// removed or the server stops.
func (s *Server) streamRoom(c *gin.Context) error {
	r, v, err := s.viewer(c)
	if err != nil {
		return err
	}
	if !v.Host && v.Seat == 0 {
		return fault.New(fault.Unauthorized, "请先用课堂码加入")
	}
	h := c.Writer.Header()
	h.Set("Content-Type", "text/event-stream; charset=utf-8")
	h.Set("Cache-Control", "no-store")
	h.Set("X-Accel-Buffering", "no") // nginx would hold events back
	out := stream{http.NewResponseController(c.Writer), c.Writer}
	watch := r.Watch(v)
	defer watch.Close()
	// A thousand streams opened at once should not all beat at once.
	beat := time.NewTicker(heartbeat - time.Duration(rand.Int64N(int64(3*time.Second))))
	defer beat.Stop()
	for {
		select {
		case <-watch.Wake():
			events, gone := watch.Events()
			for _, e := range events {
				if err := out.send("event: %s\ndata: %s\n\n", e.Name, e.Data); err != nil {
					return nil // the client is gone
				}
			}
			if gone {
				return nil
			}
		case <-beat.C:
			if err := out.send(": \n\n"); err != nil {
				return nil
			}
		case <-c.Request.Context().Done():
			return nil
		case <-s.Stopping:
			return nil
		}
	}
}

type stream struct {
	control *http.ResponseController
	w       http.ResponseWriter
}

func (st stream) send(format string, args ...any) error {
	if err := st.control.SetWriteDeadline(time.Now().Add(streamWriteLimit)); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(st.w, format, args...); err != nil {
		return err
	}
	if err := st.control.Flush(); err != nil {
		return err
	}
	return st.control.SetWriteDeadline(time.Time{}) // HTTP/2 ends a stream at its deadline, also while nothing is written
}

func (s *Server) share(c *gin.Context) error {
	if _, err := s.host(c); err != nil {
		return err
	}
	if !s.local(c) {
		return fault.New(fault.Denied, "只能在运行程序的那台电脑上开放")
	}
	if err := s.Reach.OpenLAN(); err != nil {
		return err
	}
	s.Rooms.ReachChanged()
	base, loopback := s.Reach.Base()
	c.JSON(http.StatusOK, gin.H{"join_url": base + "/join/#" + c.Param("code"), "loopback_only": loopback})
	return nil
}

func (s *Server) roomQR(c *gin.Context) error {
	if _, err := s.room(c); err != nil {
		return err
	}
	base, _ := s.Reach.Base()
	svg, err := qrSVG(base + "/join/#" + c.Param("code"))
	if err != nil {
		return err
	}
	c.Header("Cache-Control", "no-store")
	c.Data(http.StatusOK, "image/svg+xml", []byte(svg))
	return nil
}

// roomLog sends what happened in a room, in order, one JSON object a line.
func (s *Server) roomLog(c *gin.Context) error {
	r, err := s.host(c)
	if err != nil {
		return err
	}
	lines, err := r.Log(c.Request.Context())
	if err != nil {
		return err
	}
	c.Header("Content-Type", "application/x-ndjson; charset=utf-8")
	c.Header("Cache-Control", "no-store")
	c.Header("Content-Disposition", `attachment; filename="room-`+c.Param("code")+`.ndjson"`)
	enc := json.NewEncoder(c.Writer)
	for _, line := range lines {
		if err := enc.Encode(line); err != nil {
			return nil // the client is gone
		}
	}
	return nil
}
