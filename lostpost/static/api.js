// Shows the API's document; its address stands in the page.
const place = document.getElementById("document");
SwaggerUIBundle({ domNode: place, url: place.dataset.url, deepLinking: true });
