package interop

import (
	"fmt"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// connect opens a connection that is closed when the test ends; it retries fast after a restart of the server.
func connect(t *testing.T, s *server, options ...nats.Option) *nats.Conn {
	t.Helper()
	nc, err := tryConnect(s, options...)
	if err != nil {
		t.Fatalf("connect: %v", err)
	}
	t.Cleanup(nc.Close)
	return nc
}

func tryConnect(s *server, options ...nats.Option) (*nats.Conn, error) {
	quick := []nats.Option{nats.Timeout(deadline), nats.ReconnectWait(10 * time.Millisecond),
		nats.ReconnectJitter(0, 0), nats.MaxReconnects(-1)}
	return nats.Connect(s.url(), append(quick, options...)...)
}

func subscribe(t *testing.T, nc *nats.Conn, subject string) *nats.Subscription {
	t.Helper()
	sub, err := nc.SubscribeSync(subject)
	if err != nil {
		t.Fatalf("subscribe %s: %v", subject, err)
	}
	return sub
}

func publish(t *testing.T, nc *nats.Conn, subject, text string) {
	t.Helper()
	if err := nc.Publish(subject, []byte(text)); err != nil {
		t.Fatalf("publish %s: %v", subject, err)
	}
}

// flush returns when the server has answered to all that was sent.
func flush(t *testing.T, connections ...*nats.Conn) {
	t.Helper()
	for _, nc := range connections {
		if err := nc.FlushTimeout(deadline); err != nil {
			t.Fatalf("flush: %v", err)
		}
	}
}

func next(t *testing.T, sub *nats.Subscription) *nats.Msg {
	t.Helper()
	m, err := sub.NextMsg(deadline)
	if err != nil {
		t.Fatalf("next message of %s: %v", sub.Subject, err)
	}
	return m
}

func wantNext(t *testing.T, sub *nats.Subscription, text string) {
	t.Helper()
	if m := next(t, sub); string(m.Data) != text {
		t.Fatalf("got %q on %s, want %q", m.Data, m.Subject, text)
	}
}

// wantNoMore relies on order: what was meant for the subscription came before the flush was answered.
func wantNoMore(t *testing.T, sub *nats.Subscription) {
	t.Helper()
	if n, _, err := sub.Pending(); err != nil || n != 0 {
		t.Fatalf("%d messages of %s are left (%v), want none", n, sub.Subject, err)
	}
}

// wantExchange checks that a connection is of use.
func wantExchange(t *testing.T, nc *nats.Conn) {
	t.Helper()
	sub := subscribe(t, nc, nats.NewInbox())
	publish(t, nc, sub.Subject, "hello")
	wantNext(t, sub, "hello")
}

// errorsOf collects what the library reports on its own.
func errorsOf() (chan error, nats.Option) {
	c := make(chan error, 100)
	return c, nats.ErrorHandler(func(_ *nats.Conn, _ *nats.Subscription, err error) {
		select {
		case c <- err:
		default:
		}
	})
}

// signalled makes a channel for one of the library's connection events.
func signalled(event func(nats.ConnHandler) nats.Option) (chan struct{}, nats.Option) {
	c := make(chan struct{}, 100)
	return c, event(func(*nats.Conn) {
		select {
		case c <- struct{}{}:
		default:
		}
	})
}

func numbered(i int) string {
	return fmt.Sprintf("message %d", i)
}
