//! The operations of the service, by method and path.

/// Name, method and path behind the version, as in the service model.
pub const OPERATIONS: [(&str, &str, &str); 34] = [
    ("CreateJob", "POST", "/jobs"),
    ("GetJob", "GET", "/jobs/{id}"),
    ("ListJobs", "GET", "/jobs"),
    ("SearchJobs", "GET", "/search"),
    ("CancelJob", "DELETE", "/jobs/{id}"),
    ("Probe", "POST", "/probe"),
    ("DescribeEndpoints", "POST", "/endpoints"),
    ("CreateQueue", "POST", "/queues"),
    ("ListQueues", "GET", "/queues"),
    ("GetQueue", "GET", "/queues/{name}"),
    ("UpdateQueue", "PUT", "/queues/{name}"),
    ("DeleteQueue", "DELETE", "/queues/{name}"),
    ("CreateJobTemplate", "POST", "/jobTemplates"),
    ("ListJobTemplates", "GET", "/jobTemplates"),
    ("GetJobTemplate", "GET", "/jobTemplates/{name}"),
    ("UpdateJobTemplate", "PUT", "/jobTemplates/{name}"),
    ("DeleteJobTemplate", "DELETE", "/jobTemplates/{name}"),
    ("CreatePreset", "POST", "/presets"),
    ("ListPresets", "GET", "/presets"),
    ("GetPreset", "GET", "/presets/{name}"),
    ("UpdatePreset", "PUT", "/presets/{name}"),
    ("DeletePreset", "DELETE", "/presets/{name}"),
    ("TagResource", "POST", "/tags"),
    ("ListTagsForResource", "GET", "/tags/{arn}"),
    ("UntagResource", "PUT", "/tags/{arn}"),
    ("GetPolicy", "GET", "/policy"),
    ("PutPolicy", "PUT", "/policy"),
    ("DeletePolicy", "DELETE", "/policy"),
    ("ListVersions", "GET", "/versions"),
    ("StartJobsQuery", "POST", "/jobsQueries"),
    ("GetJobsQueryResults", "GET", "/jobsQueries/{id}"),
    ("AssociateCertificate", "POST", "/certificates"),
    ("DisassociateCertificate", "DELETE", "/certificates/{arn}"),
    ("CreateResourceShare", "POST", "/resourceShares"),
];

/// The operation of a method and of the path of a route.
pub(super) fn operation(method: &str, route: &str) -> Option<&'static str> {
    let route = route.strip_prefix(super::VERSION).unwrap_or(route);
    let mut all = OPERATIONS.into_iter();
    let found = all.find(|(_, m, path)| *m == method && *path == route);
    found.map(|(name, ..)| name)
}
