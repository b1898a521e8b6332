package quizserver

import (
	"crypto/hmac"
	"crypto/sha256"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
)

func (s *Server) routeQuizzes(r *gin.Engine) {
	r.GET("/api/quizzes", s.handle(s.listQuizzes))
	r.GET("/api/quizzes/:id", s.handle(s.showQuiz))
	r.POST("/api/quizzes/:id/check", s.handle(s.checkItem))
	r.GET("/api/quizzes/:id/paper", s.handle(s.paperKey))
}

func (s *Server) listQuizzes(c *gin.Context) error {
	release := s.Site.Release()
	if release == nil {
		return fault.New(fault.Unavailable, "网站正在生成，请稍候")
	}
	list := []gin.H{}
	for _, q := range release.Quizzes {
		list = append(list, gin.H{"id": q.ID, "title": q.Title, "summary": q.Summary,
			"audience": append([]string{}, q.Audience...), "item_count": len(q.Items)})
	}
	c.Header("Cache-Control", "no-cache")
	c.JSON(http.StatusOK, list)
	return nil
}

func (s *Server) showQuiz(c *gin.Context) error {
	q, err := s.practiceQuiz(c.Param("id"))
	if err != nil {
		return err
	}
	prompts := make([]quiz.Prompt, len(q.Items))
	for i, item := range q.Items {
		prompts[i] = item.Prompt()
	}
	c.Header("Cache-Control", "no-cache")
	body := gin.H{"id": q.ID, "title": q.Title, "items": prompts}
	if q.Pinyin != "" {
		body["pinyin"] = q.Pinyin
	}
	encoded, err := json.Marshal(body)
	if err != nil {
		return fmt.Errorf("encode quiz: %w", err)
	}
	s.deliver(c, "application/json; charset=utf-8", encoded)
	return nil
}

type checkRequest struct {
	Item   string `json:"item"`
	Choice choice `json:"choice"`
}

func (s *Server) checkItem(c *gin.Context) error {
	var in checkRequest
	if err := decode(c, &in); err != nil {
		return err
	}
	q, err := s.practiceQuiz(c.Param("id"))
	if err != nil {
		return err
	}
	for _, item := range q.Items {
		if item.ID != in.Item {
			continue
		}
		correct, _, err := item.Mark(in.Choice)
		if err != nil {
			return err
		}
		c.JSON(http.StatusOK, gin.H{"correct": correct, "key": append([]string{}, item.Key()...), "explanation": item.ExplanationHTML})
		return nil
	}
	return fault.New(fault.NotFound, "这个题库里没有这道题，题目可能刚刚更新过，请刷新页面")
}

// choice is an array of option ids, or the text of a fill-in.
type choice []string

func (ch *choice) UnmarshalJSON(body []byte) error {
	var text string
	if json.Unmarshal(body, &text) == nil {
		*ch = choice{text}
		return nil
	}
	var ids []string
	if err := json.Unmarshal(body, &ids); err != nil {
		return fmt.Errorf("choice is neither a string nor an array of strings: %w", err)
	}
	*ch = ids
	return nil
}

// practice remembers the drawn quizzes of one release.
type practice struct {
	mu      sync.Mutex
	release int
	drawn   map[string]*quiz.Quiz
}

// practiceQuiz draws a quiz so that option ids say nothing of the key, yet
// stay the same on every replica and after a restart until the quiz changes.
func (s *Server) practiceQuiz(id string) (*quiz.Quiz, error) {
	release := s.Site.Release()
	if release == nil {
		return nil, fault.New(fault.Unavailable, "网站正在生成，请稍候")
	}
	p := &s.practice
	p.mu.Lock()
	defer p.mu.Unlock()
	if p.release != release.Number || p.drawn == nil {
		p.release, p.drawn = release.Number, map[string]*quiz.Quiz{}
	}
	if q, ok := p.drawn[id]; ok {
		return q, nil
	}
	q, ok := release.Quiz(id)
	if !ok {
		return nil, fault.New(fault.NotFound, "没有这个题库")
	}
	body, err := json.Marshal(q)
	if err != nil {
		return nil, fmt.Errorf("encode quiz: %w", err)
	}
	mac := hmac.New(sha256.New, []byte(s.Secret))
	mac.Write(body)
	p.drawn[id] = q.Draw(rand.New(rand.NewChaCha8([32]byte(mac.Sum(nil)))))
	return p.drawn[id], nil
}
