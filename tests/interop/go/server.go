// Package interop has black-box tests of a NATS server with the official Go client. This file starts the server
// under test, which $NATSD names.
package interop

import (
	"fmt"
	"math/rand/v2"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"
)

// deadline is how long a test waits for anything that should happen.
const deadline = 10 * time.Second

// server is one server process; its files are called after its port.
type server struct {
	t      *testing.T
	port   int
	base   string // path of its files, without extension
	cmd    *exec.Cmd
	exited chan struct{} // closed when the process has ended
}

// startServer starts a server on a free port of loopback, with these lines in its configuration file beside the
// address, and stops it when the test ends.
func startServer(t *testing.T, config ...string) *server {
	t.Helper()
	s := &server{t: t, port: freePort(t)}
	s.base = filepath.Join(setting(t, "INTEROP_DIR"), fmt.Sprintf("go-%d", s.port))
	s.configure(config...)
	s.start()
	t.Cleanup(func() {
		defer s.showLog()
		s.stop()
	})
	return s
}

func setting(t *testing.T, name string) string {
	t.Helper()
	value := os.Getenv(name)
	if value == "" {
		t.Fatalf("no %s: start the tests with tests/interop/go/run", name)
	}
	return value
}

// configure writes the configuration file for the next start.
func (s *server) configure(config ...string) {
	s.t.Helper()
	text := fmt.Sprintf("host: 127.0.0.1\nport: %d\n%s\n", s.port, strings.Join(config, "\n"))
	if err := os.WriteFile(s.base+".conf", []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
}

// start runs the server and returns when it accepts connections.
func (s *server) start() {
	s.t.Helper()
	log, err := os.OpenFile(s.base+".log", os.O_CREATE|os.O_WRONLY|os.O_APPEND, 0o600)
	if err != nil {
		s.t.Fatal(err)
	}
	defer log.Close()
	s.cmd = exec.Command(setting(s.t, "NATSD"), "-c", s.base+".conf")
	s.cmd.Stdout, s.cmd.Stderr = log, log
	s.cmd.SysProcAttr = &syscall.SysProcAttr{Pdeathsig: syscall.SIGKILL} // should the tests be killed
	if err := s.cmd.Start(); err != nil {
		s.t.Fatal(err)
	}
	exited := make(chan struct{})
	s.exited = exited
	go func(cmd *exec.Cmd) {
		cmd.Wait()
		close(exited)
	}(s.cmd)
	s.awaitReady()
}

func (s *server) awaitReady() {
	s.t.Helper()
	for end := time.Now().Add(deadline); time.Now().Before(end); {
		if conn, err := net.Dial("tcp", s.address()); err == nil {
			conn.Close()
			return
		}
		select {
		case <-s.exited:
			s.t.Fatalf("the server ended while starting:\n%s", s.log())
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.t.Fatalf("the server is not ready after %v:\n%s", deadline, s.log())
}

// stop ends the server as an operator does, unless it has ended.
func (s *server) stop() {
	s.t.Helper()
	select {
	case <-s.exited:
	default:
		s.signal(syscall.SIGTERM)
		s.awaitExit()
	}
}

// kill leaves the server no time for anything.
func (s *server) kill() {
	s.t.Helper()
	s.signal(syscall.SIGKILL)
	await(s.t, s.exited, "the end of the server")
}

func (s *server) signal(signal os.Signal) {
	s.cmd.Process.Signal(signal)
}

// awaitExit waits for an end in good order.
func (s *server) awaitExit() {
	s.t.Helper()
	await(s.t, s.exited, "the end of the server")
	if state := s.cmd.ProcessState; state.ExitCode() != 0 {
		s.t.Errorf("the server ended with %v", state)
	}
}

func (s *server) address() string {
	return fmt.Sprintf("127.0.0.1:%d", s.port)
}

func (s *server) url() string {
	return "nats://" + s.address()
}

func (s *server) log() string {
	text, _ := os.ReadFile(s.base + ".log")
	return string(text)
}

func (s *server) showLog() {
	if s.t.Failed() {
		s.t.Logf("server log %s.log:\n%s", s.base, s.log())
	}
}

// freePort finds a port below those the system gives to outgoing connections, because a client that tries to
// reconnect to a port nobody listens on could be given that very port and meet itself.
func freePort(t *testing.T) int {
	t.Helper()
	for range 1000 {
		port := 10000 + rand.IntN(22000)
		if l, err := net.Listen("tcp", fmt.Sprintf("127.0.0.1:%d", port)); err == nil {
			l.Close()
			return port
		}
	}
	t.Fatal("no free port")
	return 0
}

// await receives from the channel, or fails the test when nothing comes.
func await[T any](t *testing.T, c <-chan T, what string) T {
	t.Helper()
	select {
	case v := <-c:
		return v
	case <-time.After(deadline):
		t.Fatalf("waited %v for %s", deadline, what)
		panic("unreachable")
	}
}
