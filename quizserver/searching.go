package quizserver

import (
	"net/http"
	"strconv"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/search"
)

func (s *Server) routeSearch(r *gin.Engine) {
	r.GET("/api/search", s.handle(s.search))
}

type facet struct {
	Value string `json:"value"`
	Count int    `json:"count"`
}

// search answers a query. The query itself is neither logged nor kept.
func (s *Server) search(c *gin.Context) error {
	size, err := number(c, "size", 10, 1, 50)
	if err != nil {
		return err
	}
	from, err := number(c, "from", 0, 0, 1000)
	if err != nil {
		return err
	}
	query := c.Query("q")
	result, err := s.Index.Search(c.Request.Context(), search.Request{Query: query,
		Kind: c.Query("kind"), Audience: c.Query("audience"), Topic: c.Query("topic"), Size: size, From: from})
	if err != nil {
		return err
	}
	facets := map[string][]facet{}
	for name, values := range result.Facets {
		facets[name] = []facet{}
		for _, v := range values {
			facets[name] = append(facets[name], facet(v))
		}
	}
	if result.Hits == nil {
		result.Hits = []search.Hit{}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, gin.H{"total": result.Total, "took_ms": float64(result.Took.Microseconds()) / 1000,
		"hits": result.Hits, "facets": facets, "did_you_mean": nil, "help": s.Index.InDistress(query)})
	return nil
}

// number reads an optional whole number within bounds.
func number(c *gin.Context, name string, otherwise, low, high int) (int, error) {
	text := c.Query(name)
	if text == "" {
		return otherwise, nil
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < low || n > high {
		return 0, fault.New(fault.Invalid, "参数 %s 应是 %d 到 %d 的整数", name, low, high)
	}
	return n, nil
}
