package interop

import (
	"bytes"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"path/filepath"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// withTLS is the tls block of a server with the test's certificates and these further lines.
func withTLS(t *testing.T, lines string) string {
	t.Helper()
	return fmt.Sprintf("tls {\ncert_file: %q\nkey_file: %q\nca_file: %q\ntimeout: 5\n%s\n}",
		pem(t, "server"), pem(t, "server-key"), pem(t, "ca"), lines)
}

func pem(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(setting(t, "INTEROP_PKI"), name+".pem")
}

func trusting(t *testing.T, authority string) nats.Option {
	t.Helper()
	return nats.RootCAs(pem(t, authority))
}

func showing(t *testing.T, client string) nats.Option {
	t.Helper()
	return nats.ClientCert(pem(t, client), pem(t, client+"-key"))
}

func TestTLSCarriesAConnection(t *testing.T) {
	s := startServer(t, withTLS(t, ""))
	nc := connect(t, s, trusting(t, "ca"))
	if !nc.TLSRequired() {
		t.Error("the server announced no tls_required")
	}
	if state, err := nc.TLSConnectionState(); err != nil || state.Version != tls.VersionTLS13 {
		t.Errorf("TLS version %x, %v", state.Version, err)
	}
	wantExchange(t, nc)
}

func TestTLSCarriesLargePayloads(t *testing.T) {
	s := startServer(t, withTLS(t, ""))
	a, b := connect(t, s, trusting(t, "ca")), connect(t, s, trusting(t, "ca"))
	wantLargePayloads(t, a, b)
}

func TestOlderTLSIsNegotiated(t *testing.T) {
	s := startServer(t, withTLS(t, ""))
	nc := connect(t, s, trusting(t, "ca"), func(o *nats.Options) error {
		o.TLSConfig.MaxVersion = tls.VersionTLS12
		return nil
	})
	if state, err := nc.TLSConnectionState(); err != nil || state.Version != tls.VersionTLS12 {
		t.Errorf("TLS version %x, %v", state.Version, err)
	}
	wantExchange(t, nc)
}

func TestUnknownAuthorityIsRefusedByTheClient(t *testing.T) {
	s := startServer(t, withTLS(t, ""))
	for name, option := range map[string]nats.Option{
		"another authority": trusting(t, "other"), "the system's authorities": nats.Secure(),
	} {
		t.Run(name, func(t *testing.T) {
			_, err := tryConnect(s, option)
			if unknown := new(x509.UnknownAuthorityError); !errors.As(err, unknown) {
				t.Fatalf("got %v, want %T", err, unknown)
			}
		})
	}
	wantExchange(t, connect(t, s, trusting(t, "ca"))) // a failed handshake does no harm to others
}

func TestTLSIsNotHadFromAPlainServer(t *testing.T) {
	s := startServer(t)
	if _, err := tryConnect(s, nats.Secure()); !errors.Is(err, nats.ErrSecureConnWanted) {
		t.Fatalf("got %v, want %v", err, nats.ErrSecureConnWanted)
	}
}

func TestClientCertificateIsVerified(t *testing.T) {
	s := startServer(t, withTLS(t, "verify: true"))
	wantExchange(t, connect(t, s, trusting(t, "ca"), showing(t, "client")))
	for name, options := range map[string][]nats.Option{
		"no certificate":                   {trusting(t, "ca")},
		"certificate of another authority": {trusting(t, "ca"), showing(t, "stranger")},
	} {
		t.Run(name, func(t *testing.T) {
			if nc, err := tryConnect(s, options...); err == nil {
				nc.Close()
				t.Fatal("connected")
			}
		})
	}
}

func TestPasswordIsAskedInsideTLS(t *testing.T) {
	s := startServer(t, withTLS(t, ""), plainUser)
	wantExchange(t, connect(t, s, trusting(t, "ca"), nats.UserInfo("alice", "secret")))
	_, err := tryConnect(s, trusting(t, "ca"), nats.UserInfo("alice", "Secret"))
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("got %v, want %v", err, nats.ErrAuthorization)
	}
}

func TestHandshakeFirst(t *testing.T) {
	for _, c := range []struct {
		setting          string
		first, afterInfo bool // which clients get in
	}{
		{"false", false, true},
		{"true", true, false},
		{"auto", true, true},
		{`"300ms"`, true, true},
	} {
		t.Run(c.setting, func(t *testing.T) {
			s := startServer(t, withTLS(t, "handshake_first: "+c.setting))
			for _, client := range []struct {
				name     string
				accepted bool
				options  []nats.Option
			}{
				{"handshake first", c.first, []nats.Option{trusting(t, "ca"), nats.TLSHandshakeFirst()}},
				{"INFO first", c.afterInfo, []nats.Option{trusting(t, "ca")}},
			} {
				options := client.options
				if !client.accepted { // the two sides wait for each other
					options = append(options, nats.Timeout(300*time.Millisecond))
				}
				nc, err := tryConnect(s, options...)
				if (err == nil) != client.accepted {
					t.Errorf("%s: %v", client.name, err)
				}
				if err == nil {
					wantExchange(t, nc)
					nc.Close()
				}
			}
		})
	}
}

func TestTLSConnectionsReturnAfterARestart(t *testing.T) {
	s := startServer(t, withTLS(t, "verify: true"))
	returned, reconnected := signalled(nats.ReconnectHandler)
	nc := connect(t, s, trusting(t, "ca"), showing(t, "client"), reconnected)
	sub := subscribe(t, nc, "subject")
	flush(t, nc)
	s.stop()
	s.start()
	await(t, returned, "the reconnect")
	publish(t, nc, "subject", "hello")
	wantNext(t, sub, "hello")
}

// wantLargePayloads sends payloads up to the limit, and sees them refused above it.
func wantLargePayloads(t *testing.T, from, to *nats.Conn) {
	t.Helper()
	limit := int(from.MaxPayload())
	sub := subscribe(t, to, "large")
	flush(t, to)
	for _, size := range []int{limit / 2, limit - 1, limit} {
		payload := patterned(size)
		if err := from.Publish("large", payload); err != nil {
			t.Fatalf("%d bytes: %v", size, err)
		}
		if m := next(t, sub); !bytes.Equal(m.Data, payload) {
			t.Fatalf("%d bytes were changed on the way, %d arrived", size, len(m.Data))
		}
	}
	if err := from.Publish("large", patterned(limit+1)); !errors.Is(err, nats.ErrMaxPayload) {
		t.Fatalf("got %v, want %v", err, nats.ErrMaxPayload)
	}
}

// patterned is a payload in which no part is like another.
func patterned(size int) []byte {
	payload := make([]byte, size)
	state := uint32(1)
	for i := range payload {
		state = state*1664525 + 1013904223
		payload[i] = byte(state >> 24)
	}
	return payload
}
