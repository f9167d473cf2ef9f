// Times Porcupine on the histories of bench/checker.ts, reading apart from checking, and prints the figures as JSON.
//
//	porcupine-bench puts FILE      one operation a line: client, call, return, 1 for a put, key, value ("" : no such key)
//	porcupine-bench registers DIR  the register logs of Porcupine's own test data, those its tests judge
package main

import (
	"bufio"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"runtime"
	"strconv"
	"strings"
	"time"

	"github.com/anishathalye/porcupine"
)

type figures struct {
	ReadSeconds  float64 `json:"readSeconds"`
	CheckSeconds float64 `json:"checkSeconds"`
	Linearizable int     `json:"linearizable"`
	MaxMegabytes float64 `json:"maxMegabytes"`
}

type keyInput struct {
	put   bool
	key   string
	value string
}

var keyModel = porcupine.Model{
	Partition: func(history []porcupine.Operation) [][]porcupine.Operation {
		byKey := make(map[string][]porcupine.Operation)
		for _, operation := range history {
			key := operation.Input.(keyInput).key
			byKey[key] = append(byKey[key], operation)
		}
		var parts [][]porcupine.Operation
		for _, part := range byKey {
			parts = append(parts, part)
		}
		return parts
	},
	Init: func() interface{} { return "" },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		in := input.(keyInput)
		if in.put {
			return true, in.value
		}
		return output.(string) == state.(string), state
	},
}

func main() {
	if len(os.Args) != 3 {
		fail(fmt.Errorf("usage: porcupine-bench puts FILE | registers DIR"))
	}
	var result figures
	if os.Args[1] == "puts" {
		result = puts(os.Args[2])
	} else {
		result = registers(os.Args[2])
	}
	var memory runtime.MemStats
	runtime.ReadMemStats(&memory)
	result.MaxMegabytes = float64(memory.Sys) / 1e6
	if err := json.NewEncoder(os.Stdout).Encode(result); err != nil {
		fail(err)
	}
}

func fail(err error) {
	fmt.Fprintln(os.Stderr, "error:", err)
	os.Exit(1)
}

func puts(path string) figures {
	started := time.Now()
	file, err := os.Open(path)
	if err != nil {
		fail(err)
	}
	var history []porcupine.Operation
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		field := strings.Split(scanner.Text(), "\t")
		operation := porcupine.Operation{ClientId: number(field[0]), Call: int64(number(field[1])), Return: int64(number(field[2]))}
		operation.Input = keyInput{put: field[3] == "1", key: field[4], value: field[5]}
		operation.Output = field[5]
		history = append(history, operation)
	}
	read := time.Since(started)
	started = time.Now()
	result := figures{ReadSeconds: read.Seconds()}
	if porcupine.CheckOperations(keyModel, history) {
		result.Linearizable = 1
	}
	result.CheckSeconds = time.Since(started).Seconds()
	return result
}

func number(text string) int {
	value, err := strconv.Atoi(text)
	if err != nil {
		fail(err)
	}
	return value
}

const none = -1

type registerInput struct {
	operation string
	first     int
	second    int
}

type registerOutput struct {
	ok      bool
	value   int
	unknown bool
}

var registerModel = porcupine.Model{
	Init: func() interface{} { return none },
	Step: func(state, input, output interface{}) (bool, interface{}) {
		now, in, out := state.(int), input.(registerInput), output.(registerOutput)
		switch in.operation {
		case "read":
			return out.unknown || out.value == now, now
		case "write":
			return true, in.first
		default:
			if in.first == now {
				return out.ok || out.unknown, in.second
			}
			return !out.ok || out.unknown, now
		}
	},
}

var line = regexp.MustCompile(`^INFO\s+jepsen\.util\s+-\s+(\d+)\s+:(invoke|ok|fail|info)\s+:(read|write|cas)\s+(.+?)\s*$`)
var digits = regexp.MustCompile(`\d+`)

func registers(folder string) figures {
	started := time.Now()
	var logs [][]porcupine.Event
	paths, err := filepath.Glob(filepath.Join(folder, "etcd_*.log"))
	if err != nil {
		fail(err)
	}
	for _, path := range paths {
		// Porcupine's own tests leave this one out.
		if filepath.Base(path) != "etcd_095.log" {
			logs = append(logs, registerLog(path))
		}
	}
	result := figures{ReadSeconds: time.Since(started).Seconds()}
	started = time.Now()
	for _, events := range logs {
		if porcupine.CheckEvents(registerModel, events) {
			result.Linearizable++
		}
	}
	result.CheckSeconds = time.Since(started).Seconds()
	return result
}

func registerLog(path string) []porcupine.Event {
	file, err := os.Open(path)
	if err != nil {
		fail(err)
	}
	var events []porcupine.Event
	running := make(map[string]int)
	scanner := bufio.NewScanner(file)
	for scanner.Scan() {
		match := line.FindStringSubmatch(scanner.Text())
		if match == nil {
			fail(fmt.Errorf("%s: not a line of a register log: %s", path, scanner.Text()))
		}
		process, kind, operation, argument := match[1], match[2], match[3], match[4]
		values := []int{none, none}
		for place, text := range digits.FindAllString(argument, 2) {
			values[place] = number(text)
		}
		if kind == "invoke" {
			id := len(events)
			running[process] = id
			events = append(events, porcupine.Event{Kind: porcupine.CallEvent, Value: registerInput{operation, values[0], values[1]}, Id: id})
		} else if kind != "info" {
			output := registerOutput{ok: kind == "ok", value: values[0], unknown: kind == "fail" && operation == "read"}
			events = append(events, porcupine.Event{Kind: porcupine.ReturnEvent, Value: output, Id: running[process]})
			delete(running, process)
		}
	}
	for _, id := range running {
		events = append(events, porcupine.Event{Kind: porcupine.ReturnEvent, Value: registerOutput{unknown: true}, Id: id})
	}
	return events
}
