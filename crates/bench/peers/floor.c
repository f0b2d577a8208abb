/* The least that a function can do: take an event, make one HTTPS call on a connection that is kept, answer. Static, no SDK, no
 * signature, no JSON. Built by: cc -O2 -static -o floor floor.c -lssl -lcrypto */

#define _GNU_SOURCE
#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <openssl/ssl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

static int dial(const char *address) {
  char host[64];
  int port, one = 1, s = socket(AF_INET, SOCK_STREAM, 0);
  struct sockaddr_in to = {.sin_family = AF_INET};
  if (sscanf(address, "%63[^:]:%d", host, &port) != 2) return -1;
  to.sin_port = htons((unsigned short)port);
  inet_pton(AF_INET, host, &to.sin_addr);
  setsockopt(s, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
  return connect(s, (struct sockaddr *)&to, sizeof to) ? -1 : s;
}

/* Reads one answer, head and body, from the socket or the TLS connection. */
static int take(int s, SSL *tls, char *buffer, int size) {
  int got = 0;
  for (;;) {
    int n = tls ? SSL_read(tls, buffer + got, size - 1 - got) : (int)read(s, buffer + got, size - 1 - got);
    char *body, *length;
    if (n <= 0) return -1;
    buffer[got += n] = 0;
    if (!(body = strstr(buffer, "\r\n\r\n"))) continue;
    length = strcasestr(buffer, "content-length:");
    if (got >= body + 4 - buffer + (length && length < body ? atoi(length + 15) : 0)) return got;
  }
}

int main(void) {
  static char buffer[1 << 18];
  char request[1024], id[64];
  const char *api = getenv("AWS_LAMBDA_RUNTIME_API");
  const char *table = getenv("AWS_ENDPOINT_URL_DYNAMODB") + strlen("https://");
  const char *call = "POST / HTTP/1.1\r\nhost: dynamodb\r\nx-amz-target: DynamoDB_20120810.GetItem\r\n"
                     "content-length: 27\r\n\r\n{\"Key\":{\"id\":{\"S\":\"none\"}}}";
  int runtime = dial(api);
  SSL *tls = NULL;
  for (;;) {
    char *at;
    snprintf(request, sizeof request, "GET /2018-06-01/runtime/invocation/next HTTP/1.1\r\nhost: %s\r\n\r\n", api);
    if (write(runtime, request, strlen(request)) < 0 || take(runtime, NULL, buffer, sizeof buffer) < 0) return 1;
    if (!(at = strcasestr(buffer, "lambda-runtime-aws-request-id:")) || sscanf(at + 30, " %63[^\r]", id) != 1) return 1;
    if (!tls) {
      SSL_CTX *context = SSL_CTX_new(TLS_client_method());
      SSL_CTX_load_verify_locations(context, getenv("BENCH_ROOT"), NULL);
      SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
      tls = SSL_new(context);
      SSL_set_fd(tls, dial(table));
      if (SSL_connect(tls) != 1) return 2;
    }
    if (SSL_write(tls, call, (int)strlen(call)) <= 0 || take(0, tls, buffer, sizeof buffer) < 0) return 3;
    snprintf(request, sizeof request,
             "POST /2018-06-01/runtime/invocation/%s/response HTTP/1.1\r\nhost: %s\r\ncontent-length: 4\r\n\r\nnull", id, api);
    if (write(runtime, request, strlen(request)) < 0 || take(runtime, NULL, buffer, sizeof buffer) < 0) return 4;
  }
}
