import ArgumentParser

enum HelpTopics {
    /// The names of the pages, for the help of a command.
    static let reference = "SEE ALSO: headshot help output, headshot help store, headshot help exit-codes"
}

/// A page of the help that `headshot help NAME` prints.
protocol HelpTopic: ParsableCommand {}

extension HelpTopic {
    static func topic(_ name: String, _ abstract: String, _ text: String) -> CommandConfiguration {
        CommandConfiguration(commandName: name, abstract: abstract, usage: "", discussion: text, shouldDisplay: false)
    }
}

/// `headshot help exit-codes`.
struct ExitCodesTopic: HelpTopic {
    static let configuration = topic("exit-codes", "The exit codes of all commands.", ExitStatus.help)
}

/// `headshot help output`.
struct OutputTopic: HelpTopic {
    static let configuration = topic(
        "output",
        "The standard output of all commands.",
        """
        Standard output contains only results: the paths of the saved files, one per line. Progress and errors go to standard error. \
        With --no-wait, the ID of the job is printed instead. With --no-download, the URLs of the outputs are printed.

        JSON:
        With --json, the output is one object per job, also after a failure: {"id", "local_id", "service", "status", \
        "credits_charged", "refunded", "outputs": [{"path", "url"}], "error": {"code", "message"}}. Unknown values are null. "status" \
        is complete, failed, canceled, deleted, or the service's own status of an unfinished job. "credits_charged" is the charge for \
        the job, and "refunded" is whether the service refunded the charge. "local_id" is set while the job is stored. "path" is \
        present if the file was saved. "url" is present if the service returned a URL, which is secret and expires after 24 hours. \
        "error" is present only after a failure. In a batch, "photo" and "name" are added.

        EVENTS:
        With --format json, the output is one object per event, one per line. Each has "event", "time" (ISO 8601, UTC), and "id", the \
        service's ID of the job, which is null until the job exists. In a batch, each has "photo". The events are:
          uploading        "completed" and "total", in bytes
          submitted        "service", "operation", "credits_charged"; the job exists
          resumed          "service", "operation"; an earlier job is being finished
          status           "status", as the service reports it
          downloading      "output", from 1, of "outputs"; "completed", "total"
          saved            "path"; the file is complete
          retrying         "reason", "retry_in_seconds"
          outputs_missing  "count"
          result           the fields of --json, without URLs; the last event of a job
        The lines contain no keys and no signed URLs. Later versions may add events and fields.

        PRICE:
        With --dry-run, nothing is sent, and the price is printed to standard error. With --json or --format json, the output is one \
        object: {"dry_run", "service", "credits", "is_minimum"}. "credits" is null if the price is not known in advance. \
        "is_minimum" is true if the service may charge more.
        """
    )
}

/// `headshot help store`.
struct StoreTopic: HelpTopic {
    static let configuration = topic("store", "The store of unfinished jobs.", TrackedStore.help)
}
