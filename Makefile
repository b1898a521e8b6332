# Two commands matter: `make run` starts the product, `make test` runs every check.

STATICCHECK = honnef.co/go/tools/cmd/staticcheck@v0.8.2
TYPESCRIPT  = typescript@7.0.2
AXE         = axe-core@4.14.1
# Everything that Hugo is not linked into runs under the race detector; the
# program's own tests build the real binary, Hugo included, without it.
RACED       = $(shell go list ./... | grep -v -e /cmd/sunnycampus -e /site/render)

.PHONY: run build test tools format vet lint race program types windows content law-texts bench

run:
	@echo "第一次编译需要两到五分钟，期间没有输出，请耐心等待；之后几秒就能启动。"
	go run ./cmd/sunnycampus serve

build:
	go build -o sunnycampus ./cmd/sunnycampus

test: tools format vet lint race program types windows content
	@echo "all checks passed"

tools:
	@.ci/install
	@test -e .cache/node_modules/axe-core || npm install --silent --no-save --no-package-lock --prefix .cache $(AXE)

format:
	@test -z "$$(gofmt -l .)" || { echo "gofmt would change:"; gofmt -l .; exit 1; }

vet:
	go vet ./...

lint:
	go run $(STATICCHECK) ./...

race:
	.ci/postgres go test -race $(RACED)

# One test more than there are processors: each waits for a browser now and then.
program:
	.ci/postgres go test -timeout 30m -parallel $$(($$(nproc) + 1)) ./cmd/...

types:
	npx --yes --package $(TYPESCRIPT) tsc --project jsconfig.json

windows:
	CGO_ENABLED=0 GOOS=windows GOARCH=amd64 go build -o $$(mktemp -d)/sunnycampus.exe ./cmd/sunnycampus
	GOOS=windows go vet ./quizserver ./quizserver/store ./quizserver/live ./quizserver/site ./search

content:
	go run ./cmd/sunnycampus check

# Compares the law registry with the texts of the laws in DIR, which are not kept
# here, and writes what the tests compare every citation with.
law-texts:
	go run ./cmd/lawtexts --texts "$(DIR)"

# Figures for docs/benchmarks.md; nothing here can fail on a slow day.
bench:
	go test -run '^$$' -bench . ./search ./quizserver/... ./cmd/sunnycampus
