package interop

import (
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
)

// keyFile is the path of what ../keys has made.
func keyFile(t *testing.T, name string) string {
	t.Helper()
	return filepath.Join(setting(t, "INTEROP_KEYS"), name)
}

func keyText(t *testing.T, name string) string {
	t.Helper()
	text, err := os.ReadFile(keyFile(t, name))
	if err != nil {
		t.Fatal(err)
	}
	return string(text)
}

func creds(t *testing.T, name string) nats.Option {
	t.Helper()
	return nats.UserCredentials(keyFile(t, name+".creds"))
}

// expiring makes creds that hold for so many seconds.
func expiring(t *testing.T, seconds int, name string) {
	t.Helper()
	made := exec.Command(setting(t, "INTEROP_MAKE_KEYS"), setting(t, "INTEROP_KEYS"), "expiring", fmt.Sprint(seconds), name)
	if output, err := made.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, output)
	}
}

// withNkey is one who has the key, as it stands in a file.
func withNkey(t *testing.T, name string) nats.Option {
	t.Helper()
	option, err := nats.NkeyOptionFromSeed(keyFile(t, name+".nk"))
	if err != nil {
		t.Fatal(err)
	}
	return option
}

func wantRefused(t *testing.T, s *server, options ...nats.Option) {
	t.Helper()
	nc, err := tryConnect(s, options...)
	if err == nil {
		nc.Close()
	}
	if !errors.Is(err, nats.ErrAuthorization) {
		t.Fatalf("got %v, want %v", err, nats.ErrAuthorization)
	}
}

func TestNkeySignsTheNonce(t *testing.T) {
	s := startServer(t, fmt.Sprintf("authorization { users: [{ nkey: %s }] }", keyText(t, "device.pub")))
	wantExchange(t, connect(t, s, withNkey(t, "device")))
	wantRefused(t, s, withNkey(t, "stranger"))
	wantRefused(t, s)
}

func TestCredentialsFilesAreJudged(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	wantExchange(t, connect(t, s, creds(t, "alice")))
	wantRefused(t, s, creds(t, "outsider"))
	wantRefused(t, s, nats.UserInfo("alice", "secret"))
	wantRefused(t, s)
}

func TestBearerNeedsNoKey(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	bearing := func(jwt string) nats.Option {
		return nats.UserJWT(func() (string, error) { return jwt, nil }, func([]byte) ([]byte, error) { return nil, nil })
	}
	wantExchange(t, connect(t, s, bearing(keyText(t, "bearer.jwt"))))
	alice := strings.SplitN(keyText(t, "alice.creds"), "\n", 3)[1]
	wantRefused(t, s, bearing(alice)) // she has to sign
}

func TestCertificateNamesTheUser(t *testing.T) {
	s := startServer(t, withTLS(t, "verify_and_map: true"),
		`authorization { users: [{ user: "CN=client,O=natsd interop", permissions: { publish: { deny: "forbidden.>" } } }] }`)
	failures, onError := errorsOf()
	nc := connect(t, s, trusting(t, "ca"), showing(t, "client"), onError)
	wantExchange(t, nc)
	publish(t, nc, "forbidden.x", "")
	if err := await(t, failures, "the violation"); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("got %v, want %v", err, nats.ErrPermissionViolation)
	}
	nobody := startServer(t, withTLS(t, "verify_and_map: true"), `authorization { users: [{ user: "CN=somebody else" }] }`)
	wantRefused(t, nobody, trusting(t, "ca"), showing(t, "client"))
}

const guests = `accounts {
	PUBLIC { users: [{ user: guest, password: none, permissions: { publish: { deny: "forbidden.>" } } }] }
	STAFF { users: [{ user: alice, password: secret }] }
}
no_auth_user: guest`

func TestWhoSaysNothingIsTheNoAuthUser(t *testing.T) {
	s := startServer(t, guests)
	failures, onError := errorsOf()
	guest := connect(t, s, onError)
	alice := connect(t, s, nats.UserInfo("alice", "secret"))
	wantRefused(t, s, nats.UserInfo("alice", "Secret"))
	publish(t, guest, "forbidden.x", "")
	if err := await(t, failures, "the violation"); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("got %v, want %v", err, nats.ErrPermissionViolation)
	}
	sub := subscribe(t, guest, "subject")
	flush(t, guest)
	publish(t, alice, "subject", "of another account")
	flush(t, alice, guest)
	wantNoMore(t, sub)
}

func TestViolationsAreReportedAndTheConnectionGoesOn(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	failures, onError := errorsOf()
	nc := connect(t, s, creds(t, "alice"), onError, nats.PermissionErrOnSubscribe(true))
	publish(t, nc, "forbidden.x", "")
	want := `permissions violation for publish to "forbidden.x"`
	if err := await(t, failures, "the violation"); !errors.Is(err, nats.ErrPermissionViolation) ||
		!strings.Contains(strings.ToLower(err.Error()), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	sub := subscribe(t, nc, "forbidden.y")
	if _, err := sub.NextMsg(deadline); !errors.Is(err, nats.ErrPermissionViolation) {
		t.Errorf("got %v, want %v", err, nats.ErrPermissionViolation)
	}
	want = `permissions violation for subscription to "forbidden.y"`
	if err := await(t, failures, "the other violation"); !strings.Contains(strings.ToLower(err.Error()), want) {
		t.Errorf("got %v, want %s", err, want)
	}
	wantExchange(t, nc)
}

func TestAccountsAreApartButForWhatTheyShare(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	alice, bob := connect(t, s, creds(t, "alice")), connect(t, s, creds(t, "bob"))
	all, imported := subscribe(t, alice, "news.>"), subscribe(t, alice, "ops.news.>")
	flush(t, alice)
	publish(t, bob, "news.today", "rain")
	wantNext(t, imported, "rain")
	wantNoMore(t, all)

	if _, err := alice.Request("ops.time", nil, deadline); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("got %v, want %v", err, nats.ErrNoResponders)
	}
	if _, err := bob.Subscribe("time", func(m *nats.Msg) { m.Respond([]byte("noon for " + string(m.Data))) }); err != nil {
		t.Fatal(err)
	}
	flush(t, bob)
	answer, err := alice.Request("ops.time", []byte("alice"), deadline)
	if err != nil || string(answer.Data) != "noon for alice" {
		t.Fatalf("got %v, %v", answer, err)
	}
	if _, err := alice.Request("time", nil, deadline); !errors.Is(err, nats.ErrNoResponders) {
		t.Errorf("got %v, want %v", err, nats.ErrNoResponders)
	}
}

// The library is told why it is cut off, reads the file again, and comes back.
func TestNewCredentialsAreTakenWhenTheOldExpire(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	expiring(t, 2, "go-brief")
	failures, onError := errorsOf()
	returned, reconnected := signalled(nats.ReconnectHandler)
	nc := connect(t, s, creds(t, "go-brief"), onError, reconnected)
	expiring(t, 1000, "go-brief")
	if err := await(t, failures, "the end of the credentials"); !errors.Is(err, nats.ErrAuthExpired) {
		t.Errorf("got %v, want %v", err, nats.ErrAuthExpired)
	}
	await(t, returned, "the reconnect")
	wantExchange(t, nc)
}

func TestRevokedUsersAreCutOff(t *testing.T) {
	s := startServer(t, keyText(t, "operator.conf"))
	failures, onError := errorsOf()
	closed, onClosed := signalled(nats.ClosedHandler)
	alice := connect(t, s, creds(t, "alice"), onError, onClosed)
	bob := connect(t, s, creds(t, "bob"))
	s.configure(keyText(t, "revoked.conf"))
	s.signal(syscall.SIGHUP)
	if err := await(t, failures, "the revocation"); !errors.Is(err, nats.ErrAuthRevoked) {
		t.Errorf("got %v, want %v", err, nats.ErrAuthRevoked)
	}
	await(t, closed, "the end of the connection") // refused twice, the library gives up
	if err := alice.LastError(); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("last error %v, want %v", err, nats.ErrAuthorization)
	}
	wantExchange(t, bob)
	wantRefused(t, s, creds(t, "alice"))
}

func TestClientComesBackOnceItsPasswordIsRight(t *testing.T) {
	s := startServer(t, plainUser)
	returned, reconnected := signalled(nats.ReconnectHandler)
	failures, onError := errorsOf()
	nc := connect(t, s, nats.UserInfo("alice", "secret"), reconnected, onError, nats.IgnoreAuthErrorAbort(),
		nats.ReconnectWait(50*time.Millisecond))
	s.configure(`authorization { user: alice, password: changed }`)
	s.signal(syscall.SIGHUP)
	for range 3 { // once for the reload, and then for each attempt
		if err := await(t, failures, "the refusal"); !errors.Is(err, nats.ErrAuthorization) {
			t.Errorf("got %v, want %v", err, nats.ErrAuthorization)
		}
	}
	s.configure(plainUser)
	s.signal(syscall.SIGHUP)
	await(t, returned, "the reconnect")
	wantExchange(t, nc)
}
