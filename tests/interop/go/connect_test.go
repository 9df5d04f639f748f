package interop

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

func TestInfoIsUnderstood(t *testing.T) {
	s := startServer(t)
	nc := connect(t, s)
	var major, minor, patch int
	if _, err := fmt.Sscanf(nc.ConnectedServerVersion(), "%d.%d.%d", &major, &minor, &patch); err != nil || major < 2 {
		t.Errorf("version %q", nc.ConnectedServerVersion())
	}
	if major == 2 && minor < 10 {
		t.Errorf("version %q is below what clients ask for their features", nc.ConnectedServerVersion())
	}
	if id := nc.ConnectedServerId(); len(id) != 56 || id[0] != 'N' {
		t.Errorf("server id %q is no server's public key", id)
	}
	if nc.ConnectedServerName() == "" {
		t.Error("no server name")
	}
	if nc.MaxPayload() != 1<<20 {
		t.Errorf("max payload %d", nc.MaxPayload())
	}
	if !nc.HeadersSupported() {
		t.Error("no headers")
	}
	if nc.AuthRequired() || nc.TLSRequired() {
		t.Error("authentication or TLS required")
	}
	if id, err := nc.GetClientID(); err != nil || id == 0 {
		t.Errorf("client id %d, %v", id, err)
	}
	if ip, err := nc.GetClientIP(); err != nil || !ip.Equal(net.IPv4(127, 0, 0, 1)) {
		t.Errorf("client ip %v, %v", ip, err)
	}
}

func TestConfiguredMaxPayloadIsAnnounced(t *testing.T) {
	s := startServer(t, "max_payload: 4321")
	if n := connect(t, s).MaxPayload(); n != 4321 {
		t.Fatalf("max payload %d", n)
	}
}

func TestFlushAndRoundTripTime(t *testing.T) {
	s := startServer(t)
	nc := connect(t, s)
	flush(t, nc)
	if rtt, err := nc.RTT(); err != nil || rtt <= 0 || rtt > deadline {
		t.Fatalf("rtt %v, %v", rtt, err)
	}
}

func TestTwoConnectionsMeet(t *testing.T) {
	s := startServer(t)
	a, b := connect(t, s), connect(t, s)
	idA, _ := a.GetClientID()
	idB, _ := b.GetClientID()
	if idA == idB {
		t.Errorf("both have client id %d", idA)
	}
	subA, subB := subscribe(t, a, "to.a"), subscribe(t, b, "to.b")
	flush(t, a, b)
	publish(t, a, "to.b", "from a")
	publish(t, b, "to.a", "from b")
	wantNext(t, subB, "from a")
	wantNext(t, subA, "from b")
}

func TestManyConnectionsHearOneMessage(t *testing.T) {
	s := startServer(t)
	var subs []*nats.Subscription
	for range 64 {
		nc := connect(t, s)
		subs = append(subs, subscribe(t, nc, "all"))
		flush(t, nc)
	}
	publish(t, connect(t, s), "all", "hello")
	for _, sub := range subs {
		wantNext(t, sub, "hello")
	}
}

func TestNoEchoKeepsOwnMessagesAway(t *testing.T) {
	s := startServer(t)
	quiet, other := connect(t, s, nats.NoEcho()), connect(t, s)
	own, others := subscribe(t, quiet, "subject"), subscribe(t, other, "subject")
	flush(t, quiet, other)
	publish(t, quiet, "subject", "own")
	flush(t, quiet)
	publish(t, other, "subject", "other's")
	wantNext(t, others, "own")
	wantNext(t, others, "other's")
	wantNext(t, own, "other's")
	wantNoMore(t, own)
}

func TestVerboseAndPedanticConnectionsWork(t *testing.T) {
	s := startServer(t)
	for _, options := range []nats.Options{{Verbose: true}, {Pedantic: true}, {Verbose: true, Pedantic: true}} {
		name := fmt.Sprintf("verbose=%v,pedantic=%v", options.Verbose, options.Pedantic)
		t.Run(name, func(t *testing.T) {
			wantExchange(t, connect(t, s, func(o *nats.Options) error {
				o.Verbose, o.Pedantic = options.Verbose, options.Pedantic
				return nil
			}))
		})
	}
}

func TestMonitoringShowsTheConnection(t *testing.T) {
	port := freePort(t)
	s := startServer(t, fmt.Sprintf(`http: "127.0.0.1:%d"`, port))
	connect(t, s, nats.Name("a name"))
	response, err := http.Get(fmt.Sprintf("http://127.0.0.1:%d/connz", port))
	if err != nil {
		t.Fatal(err)
	}
	defer response.Body.Close()
	var connz struct {
		Connections []struct{ Name, Lang, Version string }
	}
	if err := json.NewDecoder(response.Body).Decode(&connz); err != nil {
		t.Fatal(err)
	}
	for _, c := range connz.Connections { // the one that saw the server ready may still be there
		if c.Name == "a name" && c.Lang == "go" && c.Version == nats.Version {
			return
		}
	}
	t.Fatalf("connz shows %+v", connz)
}

// A tap is a dialer of connections that show what they read.
type tap struct {
	see func(read []byte) []byte // returns what the library is given, of the same length
}

type tappedConn struct {
	net.Conn
	tap
}

func (t tap) Dial(network, address string) (net.Conn, error) {
	conn, err := net.Dial(network, address)
	return &tappedConn{conn, t}, err
}

func (c *tappedConn) Read(b []byte) (int, error) {
	n, err := c.Conn.Read(b)
	copy(b[:n], c.see(b[:n]))
	return n, err
}

// pings is more than ping_max in these tests, which is generous to a busy machine.
const pings = 25

func TestServerPingsAreAnswered(t *testing.T) {
	s := startServer(t, `ping_interval: "50ms"`, "ping_max: 20")
	pinged := make(chan struct{}, 100)
	count := func(read []byte) []byte {
		if bytes.HasPrefix(read, []byte("PING\r\n")) {
			pinged <- struct{}{}
		}
		return read
	}
	gone, disconnected := signalled(nats.DisconnectHandler)
	nc := connect(t, s, nats.SetCustomDialer(tap{count}), disconnected)
	for range pings {
		await(t, pinged, "a PING of the server")
	}
	wantExchange(t, nc)
	if len(gone) > 0 {
		t.Fatal("the connection was lost in between")
	}
}

func TestClientPingsAreAnswered(t *testing.T) {
	s := startServer(t)
	ponged := make(chan struct{}, 1000)
	count := func(read []byte) []byte {
		for range bytes.Count(read, []byte("PONG\r\n")) {
			ponged <- struct{}{}
		}
		return read
	}
	gone, disconnected := signalled(nats.DisconnectHandler)
	nc := connect(t, s, nats.SetCustomDialer(tap{count}), disconnected,
		nats.PingInterval(50*time.Millisecond), nats.MaxPingsOutstanding(20))
	for range pings {
		await(t, ponged, "a PONG of the server")
	}
	wantExchange(t, nc)
	if len(gone) > 0 {
		t.Fatal("the connection was lost in between")
	}
}

func TestConnectionsComeAndGoSideBySide(t *testing.T) {
	s := startServer(t)
	var all sync.WaitGroup
	failures := make(chan string, 1000)
	for worker := range 8 {
		all.Go(func() {
			for round := range 25 {
				nc, err := tryConnect(s)
				if err != nil {
					failures <- err.Error()
					return
				}
				inbox := strings.Repeat("x", worker+1)
				sub, _ := nc.SubscribeSync(fmt.Sprintf("%s.%d", inbox, round))
				nc.Publish(sub.Subject, []byte("hello"))
				if _, err := sub.NextMsg(deadline); err != nil {
					failures <- err.Error()
				}
				nc.Close()
			}
		})
	}
	all.Wait()
	if len(failures) > 0 {
		t.Fatalf("%d failures, the first: %s", len(failures), <-failures)
	}
}
