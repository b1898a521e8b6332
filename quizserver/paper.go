package quizserver

import (
	"net/http"
	"strings"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
)

// paperKey answers the key of a printed paper. Practice explains every item to
// anybody, one at a time; where only staff open rooms, only they get the sheet.
func (s *Server) paperKey(c *gin.Context) error {
	if s.StaffOnly {
		if _, err := s.signedIn(c); err != nil {
			return fault.Wrap(fault.Unauthorized, err, "答案页只给登录的老师，请先登录")
		}
	}
	q, err := s.practiceQuiz(c.Param("id"))
	if err != nil {
		return err
	}
	if ids := c.Query("items"); ids != "" {
		if q, err = q.Pick(strings.Split(ids, ",")); err != nil {
			return err
		}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"id": q.ID, "title": q.Title, "items": q.KeySheet()})
	return nil
}
