package interop

import (
	"crypto/sha256"
	"encoding/base32"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"strings"
	"testing"
	"time"

	"github.com/nats-io/nats.go"
	"github.com/nats-io/nkeys"
)

type claims map[string]any

// question is what a server asks the service that decides who may enter.
type question struct {
	Nats struct {
		Server  struct{ ID string }         `json:"server_id"`
		UserKey string                      `json:"user_nkey"`
		Options struct{ User, Pass string } `json:"connect_opts"`
	}
}

func readQuestion(t *testing.T, m *nats.Msg) question {
	t.Helper()
	var q question
	body, err := base64.RawURLEncoding.DecodeString(strings.Split(string(m.Data), ".")[1])
	if err == nil {
		err = json.Unmarshal(body, &q)
	}
	if err != nil {
		t.Errorf("what the server asks: %v", err)
	}
	return q
}

// signed is a JWT of these claims.
func signed(issuer nkeys.KeyPair, subject, audience, name string, special claims) string {
	key, _ := issuer.PublicKey()
	special["version"] = 2
	payload := claims{"iat": time.Now().Unix(), "iss": key, "sub": subject, "aud": audience, "name": name, "nats": special}
	text, _ := json.Marshal(payload)
	id := sha256.Sum256(text)
	payload["jti"] = base32.StdEncoding.WithPadding(base32.NoPadding).EncodeToString(id[:])
	text, _ = json.Marshal(payload)
	encode := base64.RawURLEncoding.EncodeToString
	unsigned := encode([]byte(`{"typ":"JWT","alg":"ed25519-nkey"}`)) + "." + encode(text)
	signature, _ := issuer.Sign([]byte(unsigned))
	return unsigned + "." + encode(signature)
}

// decide answers: those whose password is "not" and their name are of account APP.
func decide(q question, issuer nkeys.KeyPair) string {
	answer := claims{"type": "authorization_response"}
	if user := q.Nats.Options.User; q.Nats.Options.Pass == "not "+user {
		answer["jwt"] = signed(issuer, q.Nats.UserKey, "APP", user, claims{"type": "user", "subs": -1, "data": -1,
			"payload": -1, "pub": claims{"deny": []string{"forbidden.>"}}})
	} else {
		answer["error"] = "wrong password"
	}
	return signed(issuer, q.Nats.UserKey, q.Nats.Server.ID, "", answer)
}

func TestServiceDecidesWhoMayEnter(t *testing.T) {
	issuer, err := nkeys.FromSeed([]byte(keyText(t, "issuer.nk")))
	if err != nil {
		t.Fatal(err)
	}
	s := startServer(t, fmt.Sprintf(`accounts { AUTH { users: [{ user: auth, password: secret }] }, APP {} }
		authorization { timeout: 5, auth_callout { issuer: %s, auth_users: [auth], account: AUTH } }`, keyText(t, "issuer.pub")))
	service := connect(t, s, nats.UserInfo("auth", "secret"))
	_, err = service.Subscribe("$SYS.REQ.USER.AUTH", func(m *nats.Msg) {
		m.Respond([]byte(decide(readQuestion(t, m), issuer)))
	})
	if err != nil {
		t.Fatal(err)
	}
	flush(t, service)

	failures, onError := errorsOf()
	alice := connect(t, s, nats.UserInfo("alice", "not alice"), onError)
	wantExchange(t, alice)
	publish(t, alice, "forbidden.x", "")
	if err := await(t, failures, "the violation"); !strings.Contains(err.Error(), "forbidden.x") {
		t.Errorf("got %v", err)
	}
	wantRefused(t, s, nats.UserInfo("alice", "alice"))
	wantRefused(t, s)
	bob := connect(t, s, nats.UserInfo("bob", "not bob"))
	sub := subscribe(t, bob, "subject")
	flush(t, bob)
	publish(t, alice, "subject", "hello")
	wantNext(t, sub, "hello")
}
