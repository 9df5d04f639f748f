package interop

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"testing"

	"github.com/nats-io/nats.go"
)

func TestMaximumOfSubscriptionsIsReported(t *testing.T) {
	s := startServer(t, "max_subscriptions: 3")
	failures, onError := errorsOf()
	nc := connect(t, s, onError)
	var subs []*nats.Subscription
	for i := range 4 {
		subs = append(subs, subscribe(t, nc, fmt.Sprintf("subject.%d", i)))
	}
	if err := await(t, failures, "the error"); !errors.Is(err, nats.ErrMaxSubscriptionsExceeded) {
		t.Fatalf("got %v, want %v", err, nats.ErrMaxSubscriptionsExceeded)
	}
	// The connection is not closed, and those within the limit work.
	for i := range 3 {
		publish(t, nc, fmt.Sprintf("subject.%d", i), numbered(i))
		wantNext(t, subs[i], numbered(i))
	}
	// A place that becomes free can be taken.
	if err := subs[0].Unsubscribe(); err != nil {
		t.Fatal(err)
	}
	wantExchange(t, nc)
}

func TestTooLargePayloadIsRefusedByTheLibrary(t *testing.T) {
	s := startServer(t, "max_payload: 1024")
	nc := connect(t, s)
	message := nats.NewMsg("subject")
	message.Header.Set("Key", "value")
	message.Data = patterned(1024)
	for name, err := range map[string]error{
		"payload":             nc.Publish("subject", patterned(1025)),
		"headers and payload": nc.PublishMsg(message),
	} {
		if !errors.Is(err, nats.ErrMaxPayload) {
			t.Errorf("%s: got %v, want %v", name, err, nats.ErrMaxPayload)
		}
	}
	wantLargePayloads(t, nc, nc)
}

// The library is made to believe in a larger limit than the server's.
func TestTooLargePayloadIsRefusedByTheServer(t *testing.T) {
	s := startServer(t, "max_payload: 1024")
	enlarge := func(read []byte) []byte {
		return bytes.Replace(read, []byte(`"max_payload":1024,`), []byte(`"max_payload":9999,`), 1)
	}
	closed, onClosed := signalled(nats.ClosedHandler)
	nc := connect(t, s, nats.SetCustomDialer(tap{enlarge}), nats.NoReconnect(), onClosed)
	if nc.MaxPayload() != 9999 {
		t.Fatalf("max payload %d", nc.MaxPayload())
	}
	if err := nc.Publish("subject", patterned(1025)); err != nil {
		t.Fatal(err)
	}
	nc.Flush()
	await(t, closed, "the end of the connection")
	if err := nc.LastError(); err == nil || !strings.Contains(err.Error(), "Maximum Payload Violation") {
		t.Fatalf("last error: %v", err)
	}
}

func TestSlowSubscriptionIsReportedByTheLibrary(t *testing.T) {
	s := startServer(t)
	failures, onError := errorsOf()
	nc := connect(t, s, onError)
	sub, fast := subscribe(t, nc, "subject"), subscribe(t, nc, "subject")
	if err := sub.SetPendingLimits(10, -1); err != nil {
		t.Fatal(err)
	}
	for i := range 100 {
		publish(t, nc, "subject", numbered(i))
	}
	if err := await(t, failures, "the report"); !errors.Is(err, nats.ErrSlowConsumer) {
		t.Fatalf("got %v, want %v", err, nats.ErrSlowConsumer)
	}
	for i := range 100 {
		wantNext(t, fast, numbered(i))
	}
	if n, err := sub.Dropped(); err != nil || n != 90 {
		t.Fatalf("%d dropped, %v", n, err)
	}
}
