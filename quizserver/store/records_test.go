package store

import (
	"context"
	"errors"
	"fmt"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"sunnycampus/quizserver/fault"
)

// plantCounty makes a county with two schools, the first with two classes.
func plantCounty(t testing.TB, db *DB) []Class {
	t.Helper()
	for _, o := range []Organisation{
		{ID: "county", Kind: Office, Name: "甲县教育局", Meetings: 2},
		{ID: "first", Parent: "county", Kind: School, Name: "第一小学", Meetings: 2},
		{ID: "second", Parent: "county", Kind: School, Name: "第二中学", Meetings: 3},
	} {
		must(t, db.CreateOrganisation(context.Background(), o))
	}
	return setClasses(t, db, "first", 2026, "三年级2班", "三年级1班")
}

// setClasses replaces what a school has by new classes.
func setClasses(t testing.TB, db *DB, school string, year int, names ...string) []Class {
	t.Helper()
	before, err := db.Classes(context.Background(), school, year)
	must(t, err)
	var after []Class
	for _, name := range names {
		after = append(after, Class{School: school, Year: year, Name: name})
	}
	must(t, db.ReplaceClasses(context.Background(), school, year, before, after, false))
	after, err = db.Classes(context.Background(), school, year)
	must(t, err)
	return after
}

func sampleRecord(id string, class Class) Record {
	return Record{ID: id, Class: class, Term: "2026-1", HeldOn: "2026-11-27", Lesson: "/lessons/four-points/", Title: "欺凌的四个要点", Form: "class-meeting",
		Meeting: true, Minutes: 40, Steps: []Step{{Title: "三件事", Planned: 4, Used: 5, Held: true}, {Title: "公约", Planned: 6}},
		Teacher: "王老师", FiledBy: "教务处", FiledAt: 7, ChangedAt: 7}
}

func TestOrganisations(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, ctx := open(t, dsn), t.Context()
		classes := plantCounty(t, db)
		all, err := db.Organisations(ctx)
		must(t, err)
		if len(all) != 3 || all[0].Meetings == 0 || all[1].Kind == "" {
			t.Errorf("organisations: %+v", all)
		}
		child := Organisation{ID: "x", Parent: "county", Kind: School, Name: "第一小学"}
		wantKind(t, "a second of the name", db.CreateOrganisation(ctx, child), fault.Conflict)
		child.Name, child.Parent = "第三小学", "first"
		wantKind(t, "below a school", db.CreateOrganisation(ctx, child), fault.Invalid)
		child.Parent = "nowhere"
		wantKind(t, "below nothing", db.CreateOrganisation(ctx, child), fault.Invalid)

		must(t, db.ChangeOrganisation(ctx, "first", "实验小学", 4, 2026, 1))
		must(t, db.ChangeOrganisation(ctx, "first", "实验小学", 5, 2026, 1)) // the same name
		wantKind(t, "a name in use", db.ChangeOrganisation(ctx, "first", "第二中学", 2, 2026, 1), fault.Conflict)
		wantKind(t, "an unknown one", db.ChangeOrganisation(ctx, "nowhere", "某校", 2, 2026, 1), fault.NotFound)

		wantKind(t, "one with some below", db.DeleteOrganisation(ctx, "county"), fault.Conflict)
		wantKind(t, "one with classes", db.DeleteOrganisation(ctx, "first"), fault.Conflict)
		must(t, db.CreateAccount(ctx, Account{Name: "二中", Role: "teacher", Organisation: "second"}, 1))
		wantKind(t, "one with accounts", db.DeleteOrganisation(ctx, "second"), fault.Conflict)
		if a, err := db.Account(ctx, "二中"); err != nil || a.Organisation != "second" {
			t.Errorf("account: %+v (%v)", a, err)
		}
		must(t, db.MoveAccount(ctx, "二中", "county"))
		wantKind(t, "moving nobody", db.MoveAccount(ctx, "无人", "county"), fault.NotFound)
		must(t, db.MoveAccount(ctx, "二中", "second"))
		must(t, db.ReplaceClasses(ctx, "first", 2026, classes, nil, false))
		must(t, db.DeleteOrganisation(ctx, "first"))
		wantKind(t, "twice", db.DeleteOrganisation(ctx, "first"), fault.NotFound)
	})
}

func TestReplaceClasses(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, ctx := open(t, dsn), t.Context()
		was := plantCounty(t, db)
		if len(was) != 2 || was[0].Name != "三年级2班" || was[0].ID == was[1].ID {
			t.Fatalf("classes: %+v", was)
		}
		must(t, db.SaveRecord(ctx, sampleRecord("r1", was[0]), 0))

		// The two swap their names, and a third comes first.
		now := []Class{{School: "first", Year: 2026, Name: "三年级3班"}, was[1], was[0]}
		now[1].Name, now[2].Name = was[0].Name, was[1].Name
		must(t, db.ReplaceClasses(ctx, "first", 2026, was, now, false))
		got, err := db.Classes(ctx, "first", 2026)
		must(t, err)
		if diff := cmp.Diff(now, got); diff != "" {
			t.Errorf("classes (-want +got):\n%s", diff)
		}
		if r, err := db.Record(ctx, "r1"); err != nil || r.Class.Name != "三年级1班" {
			t.Errorf("the record went with its class's name: %+v (%v)", r.Class, err)
		}

		wantKind(t, "from an old list", db.ReplaceClasses(ctx, "first", 2026, was, now, false), fault.Conflict)
		wantKind(t, "without the class that has a record", db.ReplaceClasses(ctx, "first", 2026, now, now[:2], false), fault.Conflict)
		wantKind(t, "of an office", db.ReplaceClasses(ctx, "county", 2026, nil, now, false), fault.NotFound)
		if again, err := db.Classes(ctx, "first", 2026); err != nil || len(again) != 3 {
			t.Errorf("a refused change left %+v (%v)", again, err)
		}

		// In the second term a class that was dissolved goes, and stays in the first.
		must(t, db.ReplaceClasses(ctx, "first", 2026, now, now[:2], true))
		for half, want := range map[int]int{1: 3, 2: 2} {
			if counts, err := db.ClassCounts(ctx, "first", 2026, half); err != nil || len(counts) != want {
				t.Errorf("term %d has %d classes (%v), want %d", half, len(counts), err, want)
			}
		}
		late := sampleRecord("r2", now[0])
		late.Term = "2026-2"
		must(t, db.SaveRecord(ctx, late, 0))
		wantKind(t, "without a class that has a record of the second term", db.ReplaceClasses(ctx, "first", 2026, now[:2], now[1:2], true), fault.Conflict)
		_, err = db.Class(ctx, "nowhere")
		wantKind(t, "an unknown class", err, fault.NotFound)
	})
}

// Two who change the same list at once, on two replicas: one of them is told.
func TestReplaceClassesLosesNoChange(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		replicas := []*DB{open(t, dsn), open(t, dsn)}
		was := plantCounty(t, replicas[0])
		for range 20 {
			results := make(chan error)
			for i := range 4 {
				go func() {
					after := append([]Class{{School: "first", Year: 2026, Name: fmt.Sprintf("新%d班", i)}}, was...)
					results <- replicas[i%2].ReplaceClasses(context.Background(), "first", 2026, was, after, false)
				}()
			}
			done := 0
			for range 4 {
				if err := <-results; err == nil {
					done++
				} else if kind, _ := fault.Of(err); kind != fault.Conflict {
					t.Errorf("the other is told %v", err)
				}
			}
			if done != 1 {
				t.Fatalf("%d changes of the same list went through", done)
			}
			now, err := replicas[0].Classes(t.Context(), "first", 2026)
			must(t, err)
			must(t, replicas[0].ReplaceClasses(t.Context(), "first", 2026, now, was, false))
		}
	})
}

func TestRecords(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, ctx := open(t, dsn), t.Context()
		classes := plantCounty(t, db)
		want := sampleRecord("r1", classes[0])
		must(t, db.SaveRecord(ctx, want, 0))
		must(t, db.SaveRecord(ctx, want, 0)) // the answer to the first was lost
		got, err := db.Record(ctx, "r1")
		must(t, err)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("record (-want +got):\n%s", diff)
		}

		// A correction keeps who filed it, and when.
		changed := Record{ID: "r1", Class: classes[1], Term: "2026-2", HeldOn: "2027-03-05", Title: "辩论", Form: "speech", Minutes: 20,
			Teacher: "李老师", FiledBy: "别人", FiledAt: 9, ChangedAt: 9}
		wantKind(t, "filing over another's", db.SaveRecord(ctx, changed, 0), fault.Conflict)
		must(t, db.SaveRecord(ctx, changed, want.ChangedAt))
		wantKind(t, "correcting what was corrected", db.SaveRecord(ctx, changed, want.ChangedAt), fault.Conflict)
		wantKind(t, "filing again what was corrected", db.SaveRecord(ctx, want, 0), fault.Conflict)
		changed.FiledBy, changed.FiledAt = want.FiledBy, want.FiledAt
		got, err = db.Record(ctx, "r1")
		must(t, err)
		if diff := cmp.Diff(changed, got); diff != "" {
			t.Errorf("corrected (-want +got):\n%s", diff)
		}

		stranger := sampleRecord("r2", Class{ID: "nowhere"})
		wantKind(t, "a record of no class", db.SaveRecord(ctx, stranger, 0), fault.Conflict)
		must(t, db.DeleteRecord(ctx, "r1"))
		wantKind(t, "correcting what is deleted", db.SaveRecord(ctx, changed, 9), fault.Conflict)
		wantKind(t, "deleting twice", db.DeleteRecord(ctx, "r1"), fault.NotFound)
		_, err = db.Record(ctx, "r1")
		wantKind(t, "reading what is deleted", err, fault.NotFound)
	})
}

// Rooms, seats and answers go at the end of the retention time; records stay.
func TestRecordsOutliveAnswers(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, ctx := open(t, dsn), t.Context()
		class := plantCounty(t, db)[0]
		must(t, db.SaveRecord(ctx, sampleRecord("r1", class), 0))
		openRoom(t, db, code(1))
		if _, err := db.DeleteRoomsBefore(ctx, sampleRoom("").CreatedAt+1); err != nil {
			t.Fatal(err)
		}
		if n := count(t, db, `SELECT COUNT(*) FROM rooms`); n != 0 {
			t.Fatalf("%d rooms are left", n)
		}
		if _, err := db.Record(ctx, "r1"); err != nil {
			t.Errorf("the record went with the answers: %v", err)
		}
	})
}

// What was due in a term that is over stays; what is due now changes.
func TestDueChangesFromATermOn(t *testing.T) {
	onEachDatabase(t, func(t *testing.T, dsn string) {
		db, ctx := open(t, dsn), t.Context()
		plantCounty(t, db)
		setClasses(t, db, "first", 2025, "1班")
		setClasses(t, db, "first", 2027, "1班")
		must(t, db.ChangeOrganisation(ctx, "first", "第一小学", 5, 2026, 2))
		for term, want := range map[[2]int]int{{2025, 1}: 2, {2025, 2}: 2, {2026, 1}: 2, {2026, 2}: 5, {2027, 1}: 5, {2027, 2}: 5} {
			got, err := db.ClassCounts(ctx, "first", term[0], term[1])
			must(t, err)
			if len(got) == 0 || got[0].Due != want {
				t.Errorf("%v: %+v, want %d due", term, got, want)
			}
		}
		must(t, db.ChangeOrganisation(ctx, "first", "第一小学", 1, 2027, 1))
		if got, err := db.ClassCounts(ctx, "first", 2027, 1); err != nil || got[0].Due != 1 {
			t.Errorf("from the first term on: %+v (%v)", got, err)
		}
	})
}

// TestCountsMatchModel files, corrects and deletes at random and counts by hand.
func TestCountsMatchModel(t *testing.T) {
	db := open(t, sqliteDSN(t))
	countsMatchModel(t, db)
	t.Run("postgres", func(t *testing.T) { countsMatchModel(t, open(t, postgresDSN(t))) })
}

func countsMatchModel(t *testing.T, db *DB) {
	ctx := context.Background()
	plantCounty(t, db)
	var classes []Class
	for _, year := range []int{2025, 2026} {
		for _, school := range []string{"first", "second"} {
			classes = append(classes, setClasses(t, db, school, year, "1班", "2班", "3班")...)
		}
	}
	rapid.Check(t, func(r *rapid.T) {
		model := map[string]Record{}
		for range rapid.IntRange(0, 25).Draw(r, "steps") {
			id := fmt.Sprint("r", rapid.IntRange(0, 9).Draw(r, "id"))
			if rapid.IntRange(0, 4).Draw(r, "delete") == 0 {
				_, known := model[id]
				if err := db.DeleteRecord(ctx, id); (err == nil) != known {
					r.Fatalf("delete %s: %v, known %v", id, err, known)
				}
				delete(model, id)
				continue
			}
			record := sampleRecord(id, rapid.SampledFrom(classes).Draw(r, "class"))
			record.Term = fmt.Sprintf("%d-%d", record.Class.Year, rapid.IntRange(1, 2).Draw(r, "half"))
			record.Form = rapid.SampledFrom([]string{"speech", "case"}).Draw(r, "form")
			record.Meeting = rapid.Bool().Draw(r, "meeting")
			record.ChangedAt = model[id].ChangedAt + 1
			if err := db.SaveRecord(ctx, record, model[id].ChangedAt); err != nil {
				r.Fatal(err)
			}
			if _, known := model[id]; !known {
				record.ChangedAt = record.FiledAt
			}
			model[id] = record
		}
		for _, school := range []string{"", "first", "second"} {
			for _, term := range []string{"2025-1", "2025-2", "2026-1", "2026-2"} {
				compareCounts(ctx, r, db, model, classes, school, term)
			}
		}
		for id := range model {
			if err := db.DeleteRecord(ctx, id); err != nil {
				r.Fatal(err)
			}
		}
	})
}

func compareCounts(ctx context.Context, r *rapid.T, db *DB, model map[string]Record, classes []Class, school, term string) {
	var year int
	if _, err := fmt.Sscanf(term, "%d-", &year); err != nil {
		r.Fatal(err)
	}
	half := int(term[5] - '0')
	got, err := db.AllClassCounts(ctx, year, half)
	forms, err2 := db.AllFormCounts(ctx, year, half)
	if school != "" {
		got, err = db.ClassCounts(ctx, school, year, half)
		forms, err2 = db.FormCounts(ctx, school, year, half)
	}
	if err := errors.Join(err, err2); err != nil {
		r.Fatal(err)
	}
	want := map[string]ClassCount{}
	byForm := map[FormCount]int{}
	for _, k := range classes {
		if k.Year == year && (school == "" || k.School == school) {
			want[k.ID] = ClassCount{Class: k, Due: map[string]int{"first": 2, "second": 3}[k.School]}
		}
	}
	for _, rec := range model {
		n, counted := want[rec.Class.ID]
		if !counted || rec.Term != term {
			continue
		}
		n.Records++
		n.Meetings += int(flag(rec.Meeting))
		want[rec.Class.ID] = n
		byForm[FormCount{School: rec.Class.School, Form: rec.Form}]++
	}
	seen := map[string]ClassCount{}
	for _, n := range got {
		seen[n.Class.ID] = n
	}
	if diff := cmp.Diff(want, seen); diff != "" || len(got) != len(want) {
		r.Fatalf("counts of %q in %s (-want +got):\n%s", school, term, diff)
	}
	gotForms := map[FormCount]int{}
	for _, f := range forms {
		gotForms[FormCount{School: f.School, Form: f.Form}] = f.Records
	}
	if diff := cmp.Diff(byForm, gotForms); diff != "" {
		r.Fatalf("forms of %q in %s (-want +got):\n%s", school, term, diff)
	}
}
