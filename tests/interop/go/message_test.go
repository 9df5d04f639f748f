package interop

import (
	"bytes"
	"errors"
	"fmt"
	"maps"
	"slices"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestPayloadsArriveUnchanged(t *testing.T) {
	s := startServer(t)
	a, b := connect(t, s), connect(t, s)
	sub := subscribe(t, b, "subject")
	flush(t, b)
	for _, payload := range [][]byte{{}, []byte("x"), []byte("\r\n"), []byte("PING\r\n"), []byte("MSG subject 1 1\r\nx\r\n"),
		{0}, patterned(4096), patterned(70000)} {
		if err := a.Publish("subject", payload); err != nil {
			t.Fatal(err)
		}
		if m := next(t, sub); !bytes.Equal(m.Data, payload) || m.Subject != "subject" || m.Reply != "" {
			t.Fatalf("sent %.40q, got %.40q on %q with reply %q", payload, m.Data, m.Subject, m.Reply)
		}
	}
}

func TestWildcardsMatch(t *testing.T) {
	s := startServer(t)
	published := []string{"a", "b", "a.b", "a.b.c", "a.c", "a.b.c.d", "A.b", "x.b.c", "a*.b", "a.>x"}
	for _, c := range []struct {
		subject string
		want    []string
	}{
		{"a", []string{"a"}},
		{"*", []string{"a", "b"}},
		{">", published},
		{"a.*", []string{"a.b", "a.c", "a.>x"}},
		{"a.>", []string{"a.b", "a.b.c", "a.c", "a.b.c.d", "a.>x"}},
		{"*.b", []string{"a.b", "A.b", "a*.b"}},
		{"*.*.c", []string{"a.b.c", "x.b.c"}},
		{"a.*.c.>", []string{"a.b.c.d"}},
		{"*.b.>", []string{"a.b.c", "a.b.c.d", "x.b.c"}},
		{"c.>", nil},
	} {
		t.Run(c.subject, func(t *testing.T) {
			nc := connect(t, s)
			sub := subscribe(t, nc, c.subject)
			for _, subject := range published {
				publish(t, nc, subject, "")
			}
			flush(t, nc)
			for _, subject := range c.want {
				if m := next(t, sub); m.Subject != subject {
					t.Fatalf("got %s, want %s", m.Subject, subject)
				}
			}
			wantNoMore(t, sub)
		})
	}
}

func TestOverlappingSubscriptionsEachGetACopy(t *testing.T) {
	s := startServer(t)
	nc := connect(t, s)
	var subs []*nats.Subscription
	for _, subject := range []string{"a.b", "a.b", "a.*", "a.>", ">"} {
		subs = append(subs, subscribe(t, nc, subject))
	}
	publish(t, nc, "a.b", "hello")
	for _, sub := range subs {
		wantNext(t, sub, "hello")
	}
	flush(t, nc)
	for _, sub := range subs {
		wantNoMore(t, sub)
	}
}

// join makes a member of a queue group.
func join(t *testing.T, nc *nats.Conn, subject, group string) *nats.Subscription {
	t.Helper()
	sub, err := nc.QueueSubscribeSync(subject, group)
	if err != nil {
		t.Fatalf("queue subscribe %s %s: %v", subject, group, err)
	}
	flush(t, nc)
	return sub
}

// takeAll returns the texts that each of the subscriptions got, after total of them.
func takeAll(t *testing.T, total int, subs ...*nats.Subscription) [][]string {
	t.Helper()
	type taken struct {
		member int
		text   string
	}
	all := make(chan taken, total)
	for i, sub := range subs {
		go func() {
			for {
				m, err := sub.NextMsg(deadline)
				if err != nil {
					return
				}
				all <- taken{i, string(m.Data)}
			}
		}()
	}
	texts := make([][]string, len(subs))
	for range total {
		got := await(t, all, "all messages")
		texts[got.member] = append(texts[got.member], got.text)
	}
	return texts
}

func TestQueueGroupsShareMessages(t *testing.T) {
	const total = 600
	s := startServer(t)
	other := connect(t, s)
	first := []*nats.Subscription{join(t, connect(t, s), "work.*", "first"), join(t, connect(t, s), "work.*", "first"),
		join(t, other, "work.*", "first")}
	second := join(t, other, "work.one", "second")
	plain := subscribe(t, other, "work.>")
	flush(t, other)
	publisher := connect(t, s)
	var sent []string
	for i := range total {
		sent = append(sent, numbered(i))
		publish(t, publisher, "work.one", numbered(i))
	}
	shares := takeAll(t, total, first...)
	for i, texts := range shares {
		if len(texts) < total/10 {
			t.Errorf("member %d got %d of %d", i, len(texts), total)
		}
	}
	wantSame(t, "the first group", slices.Concat(shares...), sent)
	wantSame(t, "the second group", takeAll(t, total, second)[0], sent)
	wantSame(t, "the plain subscription", takeAll(t, total, plain)[0], sent)
}

func wantSame(t *testing.T, who string, got, want []string) {
	t.Helper()
	if !slices.Equal(slices.Sorted(slices.Values(got)), slices.Sorted(slices.Values(want))) {
		t.Errorf("%s got %d messages that are not the %d sent", who, len(got), len(want))
	}
}

func TestQueueGroupGoesOnWithoutAMember(t *testing.T) {
	s := startServer(t)
	nc := connect(t, s)
	stays, leaves := join(t, nc, "work", "group"), join(t, connect(t, s), "work", "group")
	if err := leaves.Drain(); err != nil {
		t.Fatal(err)
	}
	await(t, leaves.StatusChanged(nats.SubscriptionClosed), "the end of the drain")
	for i := range 50 {
		publish(t, nc, "work", numbered(i))
	}
	for i := range 50 {
		wantNext(t, stays, numbered(i))
	}
}

func TestHeadersKeepCaseOrderAndValues(t *testing.T) {
	s := startServer(t)
	a, b := connect(t, s), connect(t, s)
	sub := subscribe(t, b, "subject")
	flush(t, b)
	for _, payload := range []string{"", "hello"} {
		sent := &nats.Msg{Subject: "subject", Data: []byte(payload), Header: nats.Header{
			"lower-case": {"1"}, "Mixed-Case": {"2"}, "MIXED-CASE": {"3"},
			"Many": {"first", "second", "first"}, "Colon": {"a: b:c"}, "Empty": {""},
		}}
		if err := a.PublishMsg(sent); err != nil {
			t.Fatal(err)
		}
		m := next(t, sub)
		if string(m.Data) != payload {
			t.Errorf("payload %q, want %q", m.Data, payload)
		}
		if !maps.EqualFunc(m.Header, sent.Header, slices.Equal[[]string]) {
			t.Errorf("headers %v, want %v", m.Header, sent.Header)
		}
	}
}

func TestLargePayloadsUpToTheLimit(t *testing.T) {
	s := startServer(t)
	wantLargePayloads(t, connect(t, s), connect(t, s))
}

func TestManyMessagesKeepTheirOrder(t *testing.T) {
	const total = 50000
	s := startServer(t)
	a, b := connect(t, s), connect(t, s)
	sub := subscribe(t, b, "subject")
	flush(t, b)
	go func() {
		for i := range total {
			a.Publish("subject", []byte(numbered(i)))
		}
		a.Flush()
	}()
	for i := range total {
		wantNext(t, sub, numbered(i))
	}
}

func TestManySubscriptionsOnOneConnection(t *testing.T) {
	const total = 2000
	s := startServer(t)
	nc, publisher := connect(t, s), connect(t, s)
	var subs []*nats.Subscription
	for i := range total {
		subs = append(subs, subscribe(t, nc, fmt.Sprintf("subject.%d", i)))
	}
	flush(t, nc)
	for i := range total {
		publish(t, publisher, fmt.Sprintf("subject.%d", i), numbered(i))
	}
	for i, sub := range subs {
		wantNext(t, sub, numbered(i))
	}
}

func TestUnsubscribeEndsDelivery(t *testing.T) {
	s := startServer(t)
	nc := connect(t, s)
	ended := make(chan *nats.Msg, 10)
	sub, err := nc.ChanSubscribe("subject", ended)
	if err != nil {
		t.Fatal(err)
	}
	other := subscribe(t, nc, "subject")
	publish(t, nc, "subject", "both")
	wantNext(t, other, "both")
	await(t, ended, "the message before")
	if err := sub.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	publish(t, nc, "subject", "one")
	wantNext(t, other, "one")
	if len(ended) != 0 {
		t.Fatalf("got %q", (<-ended).Data)
	}
}

func TestUnsubscribeAfterAMaximum(t *testing.T) {
	s := startServer(t)
	for _, c := range []struct {
		name                  string
		before, maximum, want int
	}{
		{"before any message", 0, 5, 5},
		{"in the midst", 3, 5, 5},
		{"that is reached", 5, 5, 5},
		{"of one", 0, 1, 1},
	} {
		t.Run(c.name, func(t *testing.T) {
			nc, publisher := connect(t, s), connect(t, s)
			sub, witness := subscribe(t, nc, "subject"), subscribe(t, nc, "subject")
			flush(t, nc)
			for i := range c.before {
				publish(t, publisher, "subject", numbered(i))
			}
			flush(t, publisher, nc)
			if err := sub.AutoUnsubscribe(c.maximum); err != nil {
				t.Fatal(err)
			}
			flush(t, nc)
			for i := range 10 {
				publish(t, publisher, "subject", numbered(c.before+i))
			}
			for i := range c.want {
				wantNext(t, sub, numbered(i))
			}
			for i := range c.before + 10 {
				wantNext(t, witness, numbered(i))
			}
			if _, err := sub.NextMsg(deadline); !errors.Is(err, nats.ErrMaxMessages) && !errors.Is(err, nats.ErrBadSubscription) {
				t.Fatalf("after the maximum: %v", err)
			}
		})
	}
}
