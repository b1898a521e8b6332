// Pageweight opens pages of a running site as a first visitor on a phone does,
// and prints what crossed the line: requests and bytes by kind, headers
// included, as Chromium counts them.
package main

import (
	"context"
	"flag"
	"fmt"
	"os"
	"strings"
	"sync"
	"time"

	"github.com/chromedp/cdproto/emulation"
	"github.com/chromedp/cdproto/network"
	"github.com/chromedp/cdproto/page"
	"github.com/chromedp/chromedp"
)

func main() {
	site := flag.String("url", "http://127.0.0.1:8080", "address of the running site")
	width := flag.Int64("width", 360, "width of the window in CSS pixels")
	flag.Parse()
	pages := flag.Args()
	if len(pages) == 0 {
		pages = []string{"/", "/lessons/four-points/", "/lessons/legal-red-lines/", "/law/case-shoving/", "/help/", "/parents/first-talk/", "/lessons/"}
	}
	if err := measure(*site, *width, pages); err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
}

func measure(site string, width int64, pages []string) error {
	options := append(chromedp.DefaultExecAllocatorOptions[:], chromedp.NoSandbox, chromedp.DisableGPU)
	ctx, cancel := chromedp.NewExecAllocator(context.Background(), options...)
	defer cancel()
	ctx, cancel = chromedp.NewContext(ctx)
	defer cancel()
	if err := chromedp.Do(ctx); err != nil {
		return fmt.Errorf("start Chromium: %w", err)
	}
	fmt.Println("| Page | Requests | KB | HTML | CSS | JS | Images | DOM nodes |")
	fmt.Println("|---|---|---|---|---|---|---|---|")
	for _, path := range pages {
		w, err := open(ctx, site, path, width)
		if err != nil {
			return fmt.Errorf("%s: %w", path, err)
		}
		kb := func(kinds ...network.ResourceType) string {
			sum := 0.0
			for _, kind := range kinds {
				sum += w.bytes[kind]
			}
			return fmt.Sprintf("%.1f", sum/1000)
		}
		total := 0.0
		for _, n := range w.bytes {
			total += n
		}
		fmt.Printf("| %s | %d | %.1f | %s | %s | %s | %s | %d |\n", path, w.requests, total/1000, kb(network.ResourceTypeDocument),
			kb(network.ResourceTypeStylesheet), kb(network.ResourceTypeScript), kb(network.ResourceTypeImage), w.nodes)
	}
	return nil
}

// weight is what one first view took, until the load event.
type weight struct {
	mu       sync.Mutex
	kinds    map[network.RequestID]network.ResourceType
	bytes    map[network.ResourceType]float64
	requests int
	nodes    int
	loaded   bool
}

func open(parent context.Context, site, path string, width int64) (*weight, error) {
	ctx, cancel := chromedp.NewContext(parent, chromedp.WithNewBrowserContext()) // nothing cached
	defer cancel()
	ctx, cancelTimeout := context.WithTimeout(ctx, time.Minute)
	defer cancelTimeout()
	w := &weight{kinds: map[network.RequestID]network.ResourceType{}, bytes: map[network.ResourceType]float64{}}
	if err := chromedp.Listen(ctx, w.watch); err != nil {
		return nil, err
	}
	if _, err := chromedp.Call(ctx, emulation.SetDeviceMetricsOverride, emulation.SetDeviceMetricsOverrideParams{Width: width, Height: 800, DeviceScaleFactor: 2, Mobile: width < 600}); err != nil {
		return nil, err
	}
	if err := chromedp.Do(ctx, chromedp.Navigate(strings.TrimSuffix(site, "/")+path)); err != nil {
		return nil, err
	}
	nodes, err := chromedp.Run(ctx, chromedp.Evaluate[int](`document.querySelectorAll("*").length`))
	if err != nil {
		return nil, err
	}
	w.mu.Lock()
	defer w.mu.Unlock()
	w.nodes = nodes
	return w, nil
}

func (w *weight) watch(event any) {
	w.mu.Lock()
	defer w.mu.Unlock()
	switch e := event.(type) {
	case *network.EventRequestWillBeSent:
		if strings.HasPrefix(e.Request.URL, "http") {
			w.kinds[e.RequestID] = e.Type
		}
	case *page.EventLoadEventFired: // what comes later nobody waits for
		w.loaded = true
	case *network.EventLoadingFinished:
		if kind, ok := w.kinds[e.RequestID]; ok && !w.loaded {
			w.requests++
			w.bytes[kind] += e.EncodedDataLength
		}
	}
}
