package live

import (
	"fmt"
	"time"

	"sunnycampus/quizserver/fault"
	"sunnycampus/quizserver/quiz"
	"sunnycampus/quizserver/store"
)

// Setup is how a class answers, chosen when its room is opened.
type Setup struct {
	Mode    string // wall, teams, cards, devices or self
	Timed   bool   // items close by the clock
	Seconds int    // for each item the same, 5 to 600; 0 for what the quiz says
	Minutes int    // of a self-paced room, up to MaxMinutes; 0 until the host closes it
	Teams   int    // of teams, 2 to MaxTeams
	Bonus   bool   // a quick right answer earns up to half as much again
}

// MaxMinutes bounds the window of a self-paced room: a morning.
const MaxMinutes = 240

func (s Setup) check() error {
	known := map[string]bool{"wall": true, "teams": true, "cards": true, "devices": true, Self: true}
	switch {
	case !known[s.Mode]:
		return fault.New(fault.Invalid, "答题方式只能是 wall（大屏举手）、teams（大屏分队）、cards（纸卡）、devices（学生设备）或 self（自己的步子）")
	case s.Mode == "teams" && (s.Teams < 2 || s.Teams > MaxTeams):
		return fault.New(fault.Invalid, "分队要分 2 到 %d 队", MaxTeams)
	case s.Seconds != 0 && (s.Seconds < 5 || s.Seconds > 600):
		return fault.New(fault.Invalid, "每题的秒数应在 5 到 600 之间")
	case s.Minutes < 0 || s.Minutes > MaxMinutes:
		return fault.New(fault.Invalid, "开放的分钟数应在 1 到 %d 之间，0 是由老师停止", MaxMinutes)
	case s.Minutes > 0 && s.Mode != Self:
		return fault.New(fault.Invalid, "只有按自己的步子答题（self）才写 minutes")
	case s.Bonus && (s.Mode != "devices" || !s.Timed):
		return fault.New(fault.Invalid, "只有学生设备限时作答，才能按快慢加分")
	}
	return nil
}

// room makes the row of a new room and the seats that it has from the start.
func (s Setup) room(drawn *quiz.Quiz) (store.Room, []store.Seat) {
	if s.Timed && s.Seconds > 0 {
		for i := range drawn.Items {
			drawn.Items[i].Seconds = s.Seconds
		}
	}
	var seats []store.Seat
	for n := 1; s.Mode == "teams" && n <= s.Teams; n++ {
		seats = append(seats, store.Seat{Number: n, Nickname: fmt.Sprintf("%d 队", n)})
	}
	row := store.Room{Quiz: drawn, Mode: s.Mode, Timed: s.Timed, Bonus: s.Bonus, Version: 1, CreatedAt: now(),
		Position: store.Position{State: Lobby, ItemID: drawn.Items[0].ID}}
	if s.Mode == Self {
		row.Timed, row.WindowMS = s.Minutes > 0, (time.Duration(s.Minutes) * time.Minute).Milliseconds()
	}
	return row, seats
}
