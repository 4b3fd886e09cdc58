// A page that was reached from elsewhere sends its one form on; without script there is a button.
document.querySelector("form[data-continue]")?.requestSubmit();
