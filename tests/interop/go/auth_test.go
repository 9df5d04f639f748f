package interop

import (
	"errors"
	"testing"

	"github.com/nats-io/nats.go"
)

// The hashes are of "secret".
const (
	hashA = "$2a$11$HCuSUsSDTSGAiOWLIvmsQ.D97A4uNCskx9wzuHgDD.k9rPAvy6oTa"
	hashY = "$2y$05$HCuSUsSDTSGAiOWLIvmsQ.fluBAeGMbdbRWx4xUecoQWN./RdMp9y"
)

const (
	plainUser = `authorization { user: alice, password: secret }`
	hashed    = `authorization { user: alice, password: "` + hashA + `" }`
	users     = `authorization { users: [
		{ user: alice, password: secret }
		{ user: bob, password: "` + hashA + `" }
		{ user: carol, password: "` + hashY + `" }
	] }`
	token       = `authorization { token: "a token" }`
	hashedToken = `authorization { token: "` + hashA + `" }`
)

var credentials = []struct {
	name     string
	config   string
	option   nats.Option
	accepted bool
}{
	{"user", plainUser, nats.UserInfo("alice", "secret"), true},
	{"hashed user", hashed, nats.UserInfo("alice", "secret"), true},
	{"first of users", users, nats.UserInfo("alice", "secret"), true},
	{"second of users, hashed", users, nats.UserInfo("bob", "secret"), true},
	{"third of users, hashed in another way", users, nats.UserInfo("carol", "secret"), true},
	{"token", token, nats.Token("a token"), true},
	{"hashed token", hashedToken, nats.Token("secret"), true},
	{"credentials nobody asked for", "", nats.UserInfo("alice", "secret"), true},

	{"wrong password", plainUser, nats.UserInfo("alice", "Secret"), false},
	{"wrong user", plainUser, nats.UserInfo("bob", "secret"), false},
	{"empty password", plainUser, nats.UserInfo("alice", ""), false},
	{"no credentials", plainUser, nats.Name("nobody"), false},
	{"token for a user", plainUser, nats.Token("secret"), false},
	{"wrong password, hashed", hashed, nats.UserInfo("alice", "Secret"), false},
	{"the hash as password", hashed, nats.UserInfo("alice", hashA), false},
	{"another user's name", users, nats.UserInfo("dave", "secret"), false},
	{"one of users, wrong password", users, nats.UserInfo("bob", "Secret"), false},
	{"no credentials for users", users, nats.Name("nobody"), false},
	{"wrong token", token, nats.Token("another token"), false},
	{"no token", token, nats.Name("nobody"), false},
	{"user for a token", token, nats.UserInfo("alice", "a token"), false},
	{"wrong token, hashed", hashedToken, nats.Token("Secret"), false},
}

func TestCredentialsAreJudged(t *testing.T) {
	servers := map[string]*server{}
	for _, c := range credentials {
		if servers[c.config] == nil {
			servers[c.config] = startServer(t, c.config)
		}
		s := servers[c.config]
		t.Run(c.name, func(t *testing.T) {
			if c.accepted {
				nc := connect(t, s, c.option)
				if nc.AuthRequired() != (c.config != "") {
					t.Errorf("the server announced auth_required=%v", nc.AuthRequired())
				}
				wantExchange(t, nc)
				return
			}
			nc, err := tryConnect(s, c.option)
			if err == nil {
				nc.Close()
			}
			if !errors.Is(err, nats.ErrAuthorization) {
				t.Fatalf("got %v, want %v", err, nats.ErrAuthorization)
			}
		})
	}
}

func TestCredentialsMayStandInTheURL(t *testing.T) {
	for _, c := range []struct{ name, config, userinfo string }{
		{"user", plainUser, "alice:secret"},
		{"token", `authorization { token: tok }`, "tok"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := startServer(t, c.config)
			nc, err := nats.Connect("nats://" + c.userinfo + "@" + s.address())
			if err != nil {
				t.Fatal(err)
			}
			defer nc.Close()
			wantExchange(t, nc)
		})
	}
}

func TestUsersShareOneSubjectSpace(t *testing.T) {
	s := startServer(t, users)
	alice := connect(t, s, nats.UserInfo("alice", "secret"))
	bob := connect(t, s, nats.UserInfo("bob", "secret"))
	sub := subscribe(t, bob, "subject")
	flush(t, bob)
	publish(t, alice, "subject", "hello")
	wantNext(t, sub, "hello")
}

// A client that is refused twice with the same error gives up.
func TestReconnectWithAnOldPasswordIsRefused(t *testing.T) {
	s := startServer(t, plainUser)
	failures, onError := errorsOf()
	closed, onClosed := signalled(nats.ClosedHandler)
	nc := connect(t, s, nats.UserInfo("alice", "secret"), onError, onClosed)
	s.stop()
	s.configure(`authorization { user: alice, password: changed }`)
	s.start()
	if err := await(t, failures, "the refusal"); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("got %v, want %v", err, nats.ErrAuthorization)
	}
	await(t, closed, "the end of the connection")
	if err := nc.LastError(); !errors.Is(err, nats.ErrAuthorization) {
		t.Errorf("last error %v, want %v", err, nats.ErrAuthorization)
	}
}
