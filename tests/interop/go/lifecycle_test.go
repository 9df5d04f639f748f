package interop

import (
	"errors"
	"fmt"
	"slices"
	"syscall"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestDrainedSubscriptionGetsWhatIsOnItsWay(t *testing.T) {
	s := startServer(t)
	nc, publisher := connect(t, s), connect(t, s)
	sub := subscribe(t, nc, "subject")
	flush(t, nc)
	for i := range 1000 {
		publish(t, publisher, "subject", numbered(i))
	}
	flush(t, publisher)
	if err := sub.Drain(); err != nil {
		t.Fatal(err)
	}
	for i := range 1000 {
		wantNext(t, sub, numbered(i))
	}
	await(t, sub.StatusChanged(nats.SubscriptionClosed), "the end of the drain")
	if _, err := publisher.Request("subject", nil, deadline); !errors.Is(err, nats.ErrNoResponders) {
		t.Fatalf("the server still has the subscription: %v", err)
	}
}

func TestDrainedConnectionFinishesItsWork(t *testing.T) {
	s := startServer(t)
	closed, onClosed := signalled(nats.ClosedHandler)
	service, nc := connect(t, s, onClosed), connect(t, s)
	if _, err := service.Subscribe("echo", func(m *nats.Msg) { m.Respond(m.Data) }); err != nil {
		t.Fatal(err)
	}
	flush(t, service)
	answers := subscribe(t, nc, nats.NewInbox())
	for i := range 1000 {
		if err := nc.PublishRequest("echo", answers.Subject, []byte(numbered(i))); err != nil {
			t.Fatal(err)
		}
	}
	flush(t, nc)
	if err := service.Drain(); err != nil {
		t.Fatal(err)
	}
	await(t, closed, "the end of the drain")
	for i := range 1000 {
		wantNext(t, answers, numbered(i))
	}
}

func TestSubscriptionsReturnAfterARestart(t *testing.T) {
	for name, end := range map[string]func(*server){"stopped": (*server).stop, "killed": (*server).kill} {
		t.Run(name, func(t *testing.T) {
			s := startServer(t, plainUser)
			left, disconnected := signalled(nats.DisconnectHandler)
			returned, reconnected := signalled(nats.ReconnectHandler)
			nc := connect(t, s, nats.UserInfo("alice", "secret"), disconnected, reconnected)
			plain, wildcard := subscribe(t, nc, "subject"), subscribe(t, nc, "*")
			queue := join(t, nc, "subject", "group")
			end(s)
			await(t, left, "the disconnect")
			for i := range 10 { // kept by the library until it is back
				publish(t, nc, "subject", numbered(i))
			}
			s.start()
			await(t, returned, "the reconnect")
			for i := range 10 {
				for _, sub := range []*nats.Subscription{plain, wildcard, queue} {
					wantNext(t, sub, numbered(i))
				}
			}
			wantExchange(t, nc)
		})
	}
}

func TestMaximumIsKeptOverARestart(t *testing.T) {
	s := startServer(t)
	returned, reconnected := signalled(nats.ReconnectHandler)
	nc := connect(t, s, reconnected)
	sub, witness := subscribe(t, nc, "subject"), subscribe(t, nc, "subject")
	if err := sub.AutoUnsubscribe(5); err != nil {
		t.Fatal(err)
	}
	for i := range 3 {
		publish(t, nc, "subject", numbered(i))
		wantNext(t, sub, numbered(i))
		wantNext(t, witness, numbered(i))
	}
	s.stop()
	s.start()
	await(t, returned, "the reconnect")
	for i := range 10 {
		publish(t, nc, "subject", numbered(3+i))
	}
	for i := range 10 {
		wantNext(t, witness, numbered(3+i))
	}
	wantNext(t, sub, numbered(3))
	wantNext(t, sub, numbered(4))
	if m, err := sub.NextMsg(deadline); err == nil {
		t.Fatalf("got %q after the maximum", m.Data)
	}
}

func TestClientMovesToAnotherServer(t *testing.T) {
	a, b := startServer(t), startServer(t)
	returned, reconnected := signalled(nats.ReconnectHandler)
	nc := connect(t, a, reconnected, func(o *nats.Options) error {
		o.Servers, o.NoRandomize = []string{a.url(), b.url()}, true
		return nil
	})
	sub := subscribe(t, nc, "subject")
	flush(t, nc)
	a.stop()
	await(t, returned, "the reconnect")
	if nc.ConnectedUrl() != b.url() {
		t.Fatalf("connected to %s", nc.ConnectedUrl())
	}
	publish(t, connect(t, b), "subject", "hello")
	wantNext(t, sub, "hello")
}

func TestLameDuckIsAnnouncedAndClientsAreSentAway(t *testing.T) {
	s := startServer(t, `lame_duck_duration: "30s"`, `lame_duck_grace_period: "200ms"`)
	lame, announced := signalled(func(h nats.ConnHandler) nats.Option { return nats.LameDuckModeHandler(h) })
	left, disconnected := signalled(nats.DisconnectHandler)
	nc := connect(t, s, nats.NoReconnect(), announced, disconnected)
	s.signal(syscall.SIGUSR2)
	await(t, lame, "the announcement")
	wantExchange(t, nc) // there is time to move
	if other, err := tryConnect(s); err == nil {
		other.Close()
		t.Error("a new client was accepted")
	}
	await(t, left, "the disconnect")
	s.awaitExit()
}

func TestMessagesFlowWhileConnectionsComeAndGo(t *testing.T) {
	const total = 5000
	s := startServer(t)
	a, b := connect(t, s), connect(t, s)
	sub := subscribe(t, b, "subject.*")
	flush(t, b)
	stop, stopped := make(chan struct{}), make(chan error, 1)
	go func() {
		for {
			nc, err := tryConnect(s)
			if err != nil {
				stopped <- err
				return
			}
			nc.SubscribeSync("subject.>")
			nc.Flush()
			nc.Close()
			select {
			case <-stop:
				stopped <- nil
				return
			default:
			}
		}
	}()
	var got []string
	for i := range total {
		publish(t, a, fmt.Sprintf("subject.%d", i%10), numbered(i))
		if i%100 == 99 {
			flush(t, a)
		}
	}
	for range total {
		got = append(got, string(next(t, sub).Data))
	}
	close(stop)
	if err := await(t, stopped, "the last connection"); err != nil {
		t.Fatal(err)
	}
	for i := range total {
		if got[i] != numbered(i) {
			t.Fatalf("message %d is %q (%d different texts)", i, got[i], len(slices.Compact(got)))
		}
	}
}
