package quizserver

import (
	"context"
	"encoding/json"
	"errors"
	"log/slog"
	"net/http"
	"slices"
	"time"

	"github.com/gin-gonic/gin"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/site"
	"sunnycampus/quizserver/store"
)

const (
	cardSetting = "contact-card"
	cardTimeout = 10 * time.Minute
)

// Card returns a reader of the contact card for the builder of the site. One
// that cannot be read is none: the form then starts afresh.
func Card(db *store.DB, log *slog.Logger) func(context.Context) (*site.ContactCard, error) {
	return func(ctx context.Context) (*site.ContactCard, error) {
		stored, err := db.StoredSetting(ctx, cardSetting)
		if err != nil || stored == "" {
			return nil, err
		}
		card := &site.ContactCard{}
		if err := json.Unmarshal([]byte(stored), card); err != nil {
			log.Error("the stored contact card cannot be read", "err", err)
			return nil, nil
		}
		return card, nil
	}
}

// mayPublish lets in those who publish, and whoever sits at the machine
// itself while it has no account yet.
func (s *Server) mayPublish(c *gin.Context) error {
	account, err := s.signedIn(c)
	if err == nil {
		if !slices.Contains([]string{"admin", "publisher"}, account.Role) {
			return fault.New(fault.Denied, "只有管理员和发布员可以用这一页")
		}
		return ofTheWholeSite(account)
	}
	if kind, _ := fault.Of(err); kind != fault.Unauthorized || !s.local(c) {
		return err
	}
	has, failed := s.Store.HasAccount(c.Request.Context())
	if failed != nil || has {
		return errors.Join(failed, err)
	}
	return nil
}

// ofTheWholeSite refuses an account of one organisation: what follows is
// everybody's.
func ofTheWholeSite(account store.Account) error {
	if account.Organisation != "" {
		return fault.New(fault.Denied, "这里管的是整个网站，您的账号只管自己的单位。请找管全站的管理员")
	}
	return nil
}

// publishing is a handler for those who mayPublish.
func (s *Server) publishing(h func(*gin.Context) error) gin.HandlerFunc {
	return s.handle(func(c *gin.Context) error {
		if err := s.mayPublish(c); err != nil {
			return err
		}
		return h(c)
	})
}

func (s *Server) showCard(c *gin.Context) error {
	card, err := s.contactCard(c)
	if err != nil {
		return err
	}
	if card == nil {
		card = &site.ContactCard{Lines: []site.ContactLine{}}
	}
	c.Header("Cache-Control", "no-store")
	c.JSON(http.StatusOK, card)
	return nil
}

// contactCard is the card as the site shows it. A file that is refused shows
// none.
func (s *Server) contactCard(c *gin.Context) (*site.ContactCard, error) {
	card, err := s.Site.Builder.ContactCard(c.Request.Context())
	if refused := (*site.BuildError)(nil); errors.As(err, &refused) {
		return nil, nil
	}
	return card, err
}

// deleteCard takes a card back: the site shows card.yaml again, or none.
func (s *Server) deleteCard(c *gin.Context) error {
	if err := s.storeCard(c, ""); err != nil {
		return err
	}
	c.Status(http.StatusNoContent)
	return nil
}

// saveCard stores the card and shows it on the help page before it answers.
func (s *Server) saveCard(c *gin.Context) error {
	var card site.ContactCard
	if err := decode(c, &card); err != nil {
		return err
	}
	// A school east of the server's own zone may be a day ahead.
	if err := card.Check(time.Now().AddDate(0, 0, 1)); err != nil {
		return err
	}
	stored, err := json.Marshal(card)
	if err != nil {
		return err
	}
	if err := s.storeCard(c, string(stored)); err != nil {
		return err
	}
	c.JSON(http.StatusOK, card)
	return nil
}

func (s *Server) storeCard(c *gin.Context, stored string) error {
	if err := s.Store.StoreSetting(context.WithoutCancel(c.Request.Context()), cardSetting, stored); err != nil {
		return err
	}
	s.writeUntil(c, cardTimeout) // a large site takes its time
	ctx, cancel := s.untilStopped()
	defer cancel()
	err := s.Site.Update(ctx)
	if broken := (*site.BuildError)(nil); errors.As(err, &broken) {
		return fault.Wrap(fault.Unavailable, err, "联系卡已经保存，但是网站还没有更新：内容里有错误，请看程序窗口里的提示，改好以后会自动更新")
	}
	if err != nil {
		return fault.Wrap(fault.Unavailable, err, "联系卡已经保存，但是网站还没有更新，过一会儿会再试")
	}
	return nil
}

// untilStopped outlives a client that hangs up, not the server.
func (s *Server) untilStopped() (context.Context, context.CancelFunc) {
	ctx, cancel := context.WithCancel(context.Background())
	go func() {
		select {
		case <-s.Stopping:
			cancel()
		case <-ctx.Done():
		}
	}()
	return ctx, cancel
}
