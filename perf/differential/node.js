// Node's http server as it comes: it reads the body and answers with its length. Its first argument is the port.
'use strict';
const http = require('http');
http.createServer((request, response) => {
    let body = 0;
    request.on('data', (data) => { body += data.length; });
    request.on('end', () => {
        response.setHeader('X-Body', body);
        response.end(String(body));
    });
}).listen(Number(process.argv[2]), '127.0.0.1');
