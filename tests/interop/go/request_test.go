package interop

import (
	"errors"
	"fmt"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nats.go/micro"
)

// answer makes a responder that says to each request what it was sent.
func answer(t *testing.T, nc *nats.Conn, subject string) {
	t.Helper()
	_, err := nc.QueueSubscribe(subject, "answerers", func(m *nats.Msg) {
		reply := nats.NewMsg(m.Reply)
		reply.Header, reply.Data = m.Header, m.Data
		m.RespondMsg(reply)
	})
	if err != nil {
		t.Fatal(err)
	}
	flush(t, nc)
}

func TestRequestIsAnswered(t *testing.T) {
	s := startServer(t)
	answer(t, connect(t, s), "echo")
	for name, nc := range map[string]*nats.Conn{
		"one inbox for all": connect(t, s), "an inbox for each": connect(t, s, nats.UseOldRequestStyle()),
	} {
		t.Run(name, func(t *testing.T) {
			for i := range 100 {
				m, err := nc.Request("echo", []byte(numbered(i)), deadline)
				if err != nil || string(m.Data) != numbered(i) {
					t.Fatalf("request %d: %v, %v", i, m, err)
				}
			}
		})
	}
}

func TestRequestsSideBySideGetTheirOwnAnswers(t *testing.T) {
	s := startServer(t)
	for range 3 {
		answer(t, connect(t, s), "echo")
	}
	nc := connect(t, s)
	var all sync.WaitGroup
	failures := make(chan string, 200)
	for i := range 200 {
		all.Go(func() {
			m, err := nc.Request("echo", []byte(numbered(i)), deadline)
			if err != nil || string(m.Data) != numbered(i) {
				failures <- fmt.Sprintf("request %d: %v, %v", i, m, err)
			}
		})
	}
	all.Wait()
	if len(failures) > 0 {
		t.Fatalf("%d failures, the first: %s", len(failures), <-failures)
	}
}

func TestRequestAndAnswerCarryHeaders(t *testing.T) {
	s := startServer(t)
	answer(t, connect(t, s), "echo")
	request := nats.NewMsg("echo")
	request.Header.Add("Key", "one")
	request.Header.Add("Key", "two")
	m, err := connect(t, s).RequestMsg(request, deadline)
	if err != nil || len(m.Header["Key"]) != 2 || len(m.Data) != 0 {
		t.Fatalf("%v, %v", m, err)
	}
}

func TestRequestWithoutRespondersFailsAtOnce(t *testing.T) {
	s := startServer(t)
	for name, nc := range map[string]*nats.Conn{
		"one inbox for all": connect(t, s), "an inbox for each": connect(t, s, nats.UseOldRequestStyle()),
	} {
		t.Run(name, func(t *testing.T) {
			if _, err := nc.Request("nobody", nil, deadline); !errors.Is(err, nats.ErrNoResponders) {
				t.Fatalf("got %v, want %v", err, nats.ErrNoResponders)
			}
		})
	}
}

func TestNoRespondersIsSaidOnceAnswerersLeft(t *testing.T) {
	s := startServer(t)
	service, nc := connect(t, s), connect(t, s)
	sub := join(t, service, "echo", "group")
	if _, err := nc.Request("echo", nil, 50*time.Millisecond); !errors.Is(err, nats.ErrTimeout) {
		t.Fatalf("got %v, want %v", err, nats.ErrTimeout)
	}
	if err := sub.Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	flush(t, service)
	if _, err := nc.Request("echo", nil, deadline); !errors.Is(err, nats.ErrNoResponders) {
		t.Fatalf("got %v, want %v", err, nats.ErrNoResponders)
	}
}

func TestManyMayAnswerOneRequest(t *testing.T) {
	s := startServer(t)
	for range 5 {
		nc := connect(t, s)
		if _, err := nc.Subscribe("who", func(m *nats.Msg) { m.Respond([]byte("me")) }); err != nil {
			t.Fatal(err)
		}
		flush(t, nc)
	}
	nc := connect(t, s)
	answers := subscribe(t, nc, nats.NewInbox())
	if err := nc.PublishRequest("who", answers.Subject, nil); err != nil {
		t.Fatal(err)
	}
	for range 5 {
		wantNext(t, answers, "me")
	}
}

func TestServiceFrameworkWorks(t *testing.T) {
	s := startServer(t)
	serving := connect(t, s)
	service, err := micro.AddService(serving, micro.Config{Name: "adder", Version: "1.0.0",
		Endpoint: &micro.EndpointConfig{Subject: "add", Handler: micro.HandlerFunc(func(r micro.Request) {
			if len(r.Data()) == 0 {
				r.Error("400", "nothing to add", nil)
				return
			}
			r.Respond(append(r.Data(), '1'))
		})}})
	if err != nil {
		t.Fatal(err)
	}
	defer service.Stop()
	flush(t, serving)
	nc := connect(t, s)
	if m, err := nc.Request("add", []byte("4"), deadline); err != nil || string(m.Data) != "41" {
		t.Errorf("add: %v, %v", m, err)
	}
	if m, err := nc.Request("add", nil, deadline); err != nil || m.Header.Get(micro.ErrorCodeHeader) != "400" {
		t.Errorf("add nothing: %v, %v", m, err)
	}
	if _, err := nc.Request("$SRV.PING.adder", nil, deadline); err != nil {
		t.Errorf("ping: %v", err)
	}
}
